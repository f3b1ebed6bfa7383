import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';

import { badRequest, CloudError, unsupportedMediaType } from '../errors/cloud-error.ts';
import type { Api } from './api.ts';
import type { Endpoint, Method, Query } from './endpoint.ts';
import { Pipeline, type PipelineParts, type Route } from './pipeline.ts';
import { expectContinue } from './request.ts';

const methods: readonly (Method | 'OPTIONS')[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A service's API being served. */
export interface ApiServer {
  /** The port listened on; differs from the declared one when 0 was asked for. */
  readonly port: number;
  /** Asks this API without a connection; for other services of the same process. */
  readonly ask: Ask;
  /** Stops accepting, lets requests in flight finish, then closes. */
  close(): Promise<void>;
}

/** A request that another service of this process makes. */
export interface InnerRequest {
  readonly method: Method;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What came of an {@link InnerRequest}; `body` is parsed when it is JSON, else text. */
export interface InnerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Takes an inner request through routing, token and policy like one from the wire. A refusal is an answer too. */
export type Ask = (request: InnerRequest) => Promise<InnerAnswer>;

/** Extra plain pages every service answers, e.g. `/healthcheck`. */
export interface Page {
  readonly path: string;
  /** Undefined answers 404, e.g. for a page only local callers may see. */
  render(remoteAddress: string | undefined): { contentType: string; body: string } | undefined;
}

/** Serves an API on an address. Routing and connection handling are fastify's, everything else is the {@link Pipeline}. */
export async function serve<Service>(
  parts: PipelineParts<Service>,
  listen: { host: string; port: number },
  pages: readonly Page[] = [],
): Promise<ApiServer> {
  const { api } = parts;
  const pipeline = new Pipeline(parts);
  const app: FastifyInstance = fastify<Server>({
    routerOptions: {
      maxParamLength: 2000,
      ignoreTrailingSlash: !api.strictSlash,
      ignoreDuplicateSlashes: !api.strictSlash,
    },
    ...(api.rewritePath && {
      rewriteUrl: (request: IncomingMessage) => api.rewritePath!(request.url ?? '/'),
    }),
    // schemas are the pipeline's: fastify's own compilers are never loaded
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    forceCloseConnections: 'idle',
    keepAliveTimeout: 75_000,
    requestTimeout: 0,
    // a URL that cannot be decoded, or with a name as long as nothing has
    frameworkErrors: ({ statusCode, message }, request, answer) => {
      answer.hijack();
      const error = statusCode === 414 ? nothingThere() : badRequest(message);
      return pipeline.refuseUnrouted(error, request.raw, answer.raw);
    },
  });
  // bodies are read by the pipeline, after policy
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.server.on('checkContinue', (message, response) => {
    expectContinue(message, response);
    app.routing(message, response);
  });
  for (const page of pages) addPage(app, page);
  for (const [path, byMethod] of routesOf(api)) addRoutes(app, pipeline, api, path, byMethod);
  app.setNotFoundHandler((request, answer) => {
    answer.hijack();
    return pipeline.refuseUnrouted(nothingThere(), request.raw, answer.raw);
  });
  app.setErrorHandler<FastifyError>(({ statusCode, message }, request, answer) => {
    answer.hijack();
    const error = statusCode === 415 ? unsupportedMediaType(message) : badRequest(message);
    pipeline.refuseUnreadable(error, request.raw, answer.raw);
  });
  await app.listen(listen);
  return {
    port: (app.server.address() as AddressInfo).port,
    ask: (request) => ask(app, request),
    close: () => app.close(),
  };
}

const noCompiler = (): never => {
  throw new Error('routes have no schemas of their own');
};

async function ask(
  app: FastifyInstance,
  { method, path, headers, body }: InnerRequest,
): Promise<InnerAnswer> {
  const answer = await app.inject({
    method,
    url: path,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
  const text = answer.payload;
  const json = text !== '' && String(answer.headers['content-type']).includes('json');
  return { status: answer.statusCode, body: json ? JSON.parse(text) : text };
}

const nothingThere = () => new CloudError('notFound', 'The resource could not be found.');

const notAllowed = (allow: string) =>
  new CloudError('methodNotAllowed', 'The method is not allowed for this resource.', {
    details: { headers: { allow } },
  });

/** Every path with the endpoints of each method, under all prefixes. */
function routesOf<Service>(api: Api<Service>): Map<string, Map<Method, Endpoint<Service>[]>> {
  const routes = new Map<string, Map<Method, Endpoint<Service>[]>>();
  const add = (path: string, endpoint: Endpoint<Service>): void => {
    const url = path.replaceAll(/\{([^}]+)\}/g, ':$1') || '/';
    const byMethod = routes.get(url) ?? new Map<Method, Endpoint<Service>[]>();
    routes.set(url, byMethod);
    const same = byMethod.get(endpoint.method) ?? [];
    byMethod.set(endpoint.method, [...same, endpoint]);
  };
  for (const endpoint of api.rootEndpoints ?? []) add(endpoint.path, endpoint);
  for (const prefix of api.prefixes)
    for (const endpoint of api.endpoints) add(prefix + endpoint.path, endpoint);
  return routes;
}

function addRoutes<Service>(
  app: FastifyInstance,
  pipeline: Pipeline<Service>,
  api: Api<Service>,
  path: string,
  byMethod: Map<Method, Endpoint<Service>[]>,
): void {
  const get = byMethod.get('GET');
  if (api.headLikeGet && get && !byMethod.has('HEAD')) byMethod.set('HEAD', get);
  for (const [method, endpoints] of byMethod) {
    const route: Route<Service> = { path, endpoints };
    app.route({
      method,
      url: path,
      exposeHeadRoute: false,
      handler: (request: FastifyRequest, answer) => {
        answer.hijack();
        // `/servers/` is not the server without a name
        if (hasEmpty(request.params as Record<string, string>))
          return pipeline.refuseUnrouted(nothingThere(), request.raw, answer.raw);
        return pipeline.handle(route, request.raw, answer.raw, request.params, request.query as Query);
      },
    });
  }
  const allow = [...byMethod.keys()].join(', ');
  const otherMethod = () => (api.unrouted?.hidesMethods ? nothingThere() : notAllowed(allow));
  const others = methods.filter((m) => m === 'OPTIONS' || !byMethod.has(m));
  app.route({
    method: others,
    url: path,
    exposeHeadRoute: false,
    handler: (request, answer) => {
      answer.hijack();
      return pipeline.refuseUnrouted(otherMethod(), request.raw, answer.raw);
    },
  });
}

function hasEmpty(params: Readonly<Record<string, string>>): boolean {
  for (const name in params) if (params[name] === '') return true;
  return false;
}

function addPage(app: FastifyInstance, page: Page): void {
  app.get(page.path, (request, answer) => {
    const shown = page.render(request.raw.socket.remoteAddress);
    if (!shown) {
      void answer.code(404).send();
      return;
    }
    void answer.header('content-type', shown.contentType).send(shown.body);
  });
}
