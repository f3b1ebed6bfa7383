import type { IncomingMessage, ServerResponse } from 'node:http';

import { allowedBy } from '../auth/access-rules.ts';
import type { Authenticate, Credentials } from '../auth/credentials.ts';
import type { Policy } from '../auth/policy.ts';
import type { Target } from '../auth/rule-parser.ts';
import { isDatabaseFull } from '../db/errors.ts';
import { badRequest, CloudError, notFound, unauthorized, unavailable } from '../errors/cloud-error.ts';
import { isDiskFull } from '../files/disk-full.ts';
import type { Logger } from '../log/log.ts';
import type { Api } from './api.ts';
import { readJson } from './body.ts';
import type { Call, Endpoint, Query } from './endpoint.ts';
import {
  negotiate,
  type Version,
  type VersionNumber,
  versionHeaders,
  versionNumber,
} from './microversion.ts';
import { letSend, Request } from './request.ts';
import { type Refusal, send, sendFault } from './send.ts';
import { requireStorableUrl } from './storable.ts';
import { Validator } from './validation.ts';

/** The endpoints one method and path lead to: one, or several told apart by the body's key or by microversion. */
export interface Route<Service> {
  readonly path: string;
  readonly endpoints: readonly Endpoint<Service>[];
}

/** What every request of a service is handled with. */
export interface PipelineParts<Service> {
  readonly api: Api<Service>;
  readonly service: Service;
  readonly policy: Policy;
  readonly authenticate: Authenticate;
  readonly log: Logger;
  /** Where a client without a token is told to get one. */
  readonly authUri: string;
  /** Told of every answer, for metrics. */
  readonly onAnswer: (route: string, method: string, status: number, ms: number) => void;
}

type Loose = Call<never, never, never, never>;

/** Takes a routed request through token, version, load, policy, body and handler, and writes what comes of it. */
export class Pipeline<Service> {
  readonly #parts: PipelineParts<Service>;
  readonly #validators = new Map<object, Validator>();

  constructor(parts: PipelineParts<Service>) {
    this.#parts = parts;
  }

  /** Answers one request. Never throws. */
  async handle(
    route: Route<Service>,
    message: IncomingMessage,
    response: ServerResponse,
    params: unknown,
    query: Query,
  ) {
    const started = performance.now();
    const request = new Request(message, response);
    const call = new ServiceCall(this.#parts, request, params, query);
    try {
      await this.#run(route, message, response, call);
    } catch (error) {
      this.#refuse(error, message, response, request, { version: call.named });
    }
    this.#account(route.path, request, response, started, call);
  }

  /** Answers a request that no endpoint takes: its path or its method is not there. Never throws. */
  async refuseUnrouted(error: CloudError, message: IncomingMessage, response: ServerResponse) {
    const { unrouted } = this.#parts.api;
    const request = new Request(message, response);
    const call = new ServiceCall(this.#parts, request, {}, {});
    try {
      if (unrouted?.needsToken?.(pathOf(request.url))) await call.identify(message);
      // a path that cannot even be read is no matter of routes
      const render = error.kind === 'badRequest' ? undefined : unrouted?.render;
      const how = render ? { render } : { version: this.#negotiate(message) };
      this.#refuse(error, message, response, request, how);
    } catch (refused) {
      this.#refuse(refused, message, response, request, {});
    }
  }

  /** Answers a request whose headers cannot be read. Never throws. */
  refuseUnreadable(error: CloudError, message: IncomingMessage, response: ServerResponse) {
    this.#refuse(error, message, response, new Request(message, response), {});
  }

  /** The version a request asks for; undefined where there are none. */
  #negotiate(message: IncomingMessage): VersionNumber | undefined {
    const { microversions } = this.#parts.api;
    if (!microversions || microversions.isBeyond?.(pathOf(message.url ?? ''))) return undefined;
    return negotiate(microversions, message.headers);
  }

  #refuse(
    error: unknown,
    message: IncomingMessage,
    response: ServerResponse,
    request: Request,
    how: Pick<Refusal, 'version' | 'render'>,
  ) {
    const fault = error instanceof CloudError ? error : this.#unexpected(error, request);
    sendFault(this.#parts.api, fault, { message, response, request, ...how, authUri: this.#parts.authUri });
  }

  async #run(
    route: Route<Service>,
    message: IncomingMessage,
    response: ServerResponse,
    call: ServiceCall<Service>,
  ) {
    const { api, policy } = this.#parts;
    await call.authenticate(route, message);
    requireStorableUrl(call.request.url);
    call.named = this.#negotiate(message);
    if (api.microversions) call.version = call.named ?? versionNumber(api.microversions.min);
    const first = route.endpoints[0]!;
    if (first.action !== undefined) {
      letSend(message);
      call.body = await readJson(message, {
        ...(first.bodyLimit && { limit: first.bodyLimit }),
        malformed: api.faults.malformed,
      });
    }
    const endpoint = this.#choose(route, call);
    this.#checkQuery(endpoint, call);
    const loose = call as unknown as Loose;
    if (endpoint.load) call.resource = await endpoint.load(loose as never);
    if (endpoint.policy !== null) {
      const target = endpoint.target
        ? endpoint.target(call.resource as never, loose as never)
        : call.targetOf(call.resource);
      policy.enforce(endpoint.policy, call.auth, target);
    }
    await this.#readBody(endpoint, message, call);
    const result = await endpoint.handler(loose);
    await send(
      response,
      result,
      endpoint.status,
      {
        'x-openstack-request-id': call.request.id,
        ...api.headers?.(call.request.id),
        ...(call.named !== undefined && versionHeaders(api.microversions!, call.named)),
      },
      message.method === 'HEAD',
    );
  }

  #choose(route: Route<Service>, call: ServiceCall<Service>): Endpoint<Service> {
    let candidates = route.endpoints;
    if (candidates[0]!.action !== undefined) {
      const keys = typeof call.body === 'object' && call.body !== null ? Object.keys(call.body) : [];
      candidates = candidates.filter((e) => keys.length === 1 && e.action === keys[0]);
      if (candidates.length === 0) {
        throw (
          this.#parts.api.faults.unknownAction?.(keys.length === 1 ? keys[0] : undefined) ??
          badRequest(`There is no such action: ${keys.join(', ')}`)
        );
      }
    }
    const found = candidates.find((e) => existsIn(e, call.version));
    if (!found) throw notFound('The resource could not be found.');
    return found;
  }

  #checkQuery(endpoint: Endpoint<Service>, call: ServiceCall<Service>): void {
    if (!endpoint.query) return;
    call.query = shapeQuery(endpoint.query, call.query);
    const problem = this.#validator(endpoint.query).check(call.query, call.version ?? 0);
    if (problem) throw this.#parts.api.faults.invalid(problem, 'query');
  }

  async #readBody(
    endpoint: Endpoint<Service>,
    message: IncomingMessage,
    call: ServiceCall<Service>,
  ): Promise<void> {
    if (endpoint.body === undefined || endpoint.body === 'stream') return;
    if (endpoint.action === undefined) {
      letSend(message);
      call.body = await readJson(message, {
        ...(endpoint.bodyLimit && { limit: endpoint.bodyLimit }),
        ...(endpoint.consumes && { consumes: endpoint.consumes }),
        malformed: this.#parts.api.faults.malformed,
      });
    }
    if (endpoint.body === 'json') return;
    const { faults } = this.#parts.api;
    if (call.body === undefined && faults.malformed && faults.emptyBody === undefined)
      throw faults.malformed(new Error('Expecting value: line 1 column 1 (char 0)'));
    if (call.body === undefined) call.body = faults.emptyBody;
    // a missing body is invalid against every schema that wants an object
    const problem = this.#validator(endpoint.body).check(call.body ?? null, call.version ?? 0);
    if (problem) throw faults.invalid(problem, 'body');
  }

  #validator(schema: object): Validator {
    let validator = this.#validators.get(schema);
    if (!validator) this.#validators.set(schema, (validator = new Validator(schema as never)));
    return validator;
  }

  #unexpected(error: unknown, request: Request): CloudError {
    this.#parts.log.error({ err: error, request: request.id, url: request.url }, 'unexpected error');
    if (isDatabaseFull(error) || isDiskFull(error))
      return unavailable('The disk the cloud keeps its data on is full: nothing was changed.');
    return new CloudError('internal', 'Unexpected API Error. Please report this with the request id.', {
      cause: error,
    });
  }

  #account(
    path: string,
    request: Request,
    response: ServerResponse,
    started: number,
    call: ServiceCall<Service>,
  ): void {
    const ms = performance.now() - started;
    this.#parts.onAnswer(path, request.method, response.statusCode, ms);
    this.#parts.log.info(
      {
        request: request.id,
        ...(request.globalId && { global_request: request.globalId }),
        method: request.method,
        url: request.url,
        status: response.statusCode,
        ms: Math.round(ms * 100) / 100,
        user: call.caller?.userId,
        project: call.caller?.projectId,
      },
      'request',
    );
  }
}

/** Lists stay lists and single values single, whichever way the caller wrote them: the last of several counts. */
function shapeQuery(schema: object, query: Query): Query {
  const properties = (schema as { properties?: Record<string, ParameterSchema> }).properties ?? {};
  const shaped: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(query)) {
    const list = isList(properties[name]);
    if (list) shaped[name] = Array.isArray(value) ? value : [value];
    else shaped[name] = Array.isArray(value) ? (value.at(-1) ?? '') : value;
  }
  return shaped;
}

interface ParameterSchema {
  type?: unknown;
  'x-versions'?: readonly { schema: { type?: unknown } }[];
}

/** Whether a parameter is a list, in any version. */
const isList = (schema: ParameterSchema | undefined): boolean =>
  schema?.type === 'array' || (schema?.['x-versions']?.some((v) => v.schema.type === 'array') ?? false);

const pathOf = (url: string): string => url.split('?', 1)[0]!;

function existsIn(endpoint: Endpoint, version: VersionNumber | undefined): boolean {
  if (version === undefined) return true;
  const { since, until } = endpoint;
  return (!since || version >= versionNumber(since)) && (!until || version <= versionNumber(until));
}

/** One request on its way through the pipeline; handlers see it as {@link Call}. */
class ServiceCall<Service> {
  readonly request: Request;
  readonly params: unknown;
  query: Query;
  readonly #parts: PipelineParts<Service>;
  caller: Credentials | undefined;
  /** The version the caller negotiated, and is told of. */
  named: VersionNumber | undefined;
  /** The version the request is handled in; undefined for a service without any. */
  version: VersionNumber | undefined;
  body: unknown;
  resource: unknown;

  constructor(parts: PipelineParts<Service>, request: Request, params: unknown, query: Query) {
    this.#parts = parts;
    this.request = request;
    this.params = params;
    this.query = query;
  }

  get service(): Service {
    return this.#parts.service;
  }

  get auth(): Credentials {
    if (!this.caller) throw new Error('an endpoint without authentication asked who calls');
    return this.caller;
  }

  async authenticate(route: Route<Service>, message: IncomingMessage): Promise<void> {
    if (!route.endpoints.every((e) => e.auth === 'none')) await this.identify(message);
  }

  /** Finds out who calls; throws `unauthorized` without a valid token. */
  async identify(message: IncomingMessage): Promise<void> {
    const token = message.headers['x-auth-token'];
    if (typeof token !== 'string' || token === '')
      throw unauthorized('The request you have made requires authentication.');
    const found = this.#parts.authenticate(token);
    const caller = found instanceof Promise ? await found : found;
    if (caller.accessRules && !allowedBy(caller.accessRules, this.#asked(message)))
      throw unauthorized('The request you have made requires authentication.');
    this.caller = caller;
  }

  #asked({ method = '', url = '' }: IncomingMessage) {
    return { service: this.#parts.api.type, method, path: url.split('?', 1)[0]! };
  }

  atLeast(version: Version): boolean {
    return this.version !== undefined && this.version >= versionNumber(version);
  }

  targetOf(resource: unknown): Target {
    if (typeof resource === 'object' && resource !== null) return resource as Target;
    return { project_id: this.caller?.projectId, user_id: this.caller?.userId };
  }

  allows(rule: string, target?: Target): boolean {
    return this.#parts.policy.allows(rule, this.auth, target ?? this.targetOf(undefined));
  }

  enforce(rule: string, target?: Target): void {
    this.#parts.policy.enforce(rule, this.auth, target ?? this.targetOf(undefined));
  }
}
