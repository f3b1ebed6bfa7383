import type { IncomingMessage } from 'node:http';

import type { Static, TSchema } from 'typebox';

import type { Credentials } from '../auth/credentials.ts';
import type { Target } from '../auth/rule-parser.ts';
import type { Version } from './microversion.ts';

/** The methods endpoints may have. OPTIONS has none anywhere: it is answered as a method that is not allowed. */
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The names in braces of a path, as an object of strings. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & ParamsOf<Rest>
  : unknown;

/** Query parameters as they arrive: a name given twice is a list. */
export type Query = Readonly<Record<string, string | string[]>>;

type StaticOf<S> = S extends TSchema ? Static<S> : undefined;

/** What a handler is given. */
export interface Call<Service, Params = unknown, Body = undefined, Resource = undefined> {
  readonly service: Service;
  /** Who calls. Endpoints with `auth: 'none'` must not touch it: it throws. */
  readonly auth: Credentials;
  readonly params: Params;
  readonly query: Query;
  /** The validated body; undefined when the endpoint declares none. */
  readonly body: Body;
  /** What `load` found. */
  readonly resource: Resource;
  readonly request: RequestInfo;
  /** Whether the request's microversion is `version` or newer. Always false for a service without microversions. */
  atLeast(version: Version): boolean;
  /** Whether policy lets the caller do `rule` to `target`. Left out, the target is the caller's own project and user. */
  allows(rule: string, target?: Target): boolean;
  /** Throws `forbidden` unless {@link allows}. */
  enforce(rule: string, target?: Target): void;
}

/** What a handler may need to know of the request itself. */
export interface RequestInfo {
  /** `req-…`, unique to this request; goes to logs and to `X-Openstack-Request-Id`. */
  readonly id: string;
  /** The id the caller's own caller gave, if it did. */
  readonly globalId: string | undefined;
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  /** Scheme, host and port the caller used, without a trailing slash. */
  readonly origin: string;
  readonly headers: IncomingMessage['headers'];
  /** The body as a stream, for endpoints with `body: 'stream'`. Asking for it lets a waiting client send (100-continue). */
  stream(): IncomingMessage;
  /** Aborts when the client goes away before the answer. */
  readonly signal: AbortSignal;
}

/**
 * An endpoint is data: router, validation, policy list, coverage pages and authorization tests are generated from it.
 * The order of checks is fixed: token, microversion, `load`, policy, then body and its schema, then the handler.
 */
export interface Endpoint<Service = never> {
  readonly method: Method;
  /** Path under the service's version prefix, e.g. `/servers/{server_id}`. */
  readonly path: string;
  /** Body key that selects this endpoint among those sharing method and path, e.g. `os-start`. */
  readonly action?: string;
  /** `token` (the default) asks for a valid token; `none` is open to all. */
  readonly auth?: 'token' | 'none';
  /** The policy rule; null for what any valid token, or with `auth: 'none'` anyone, may call. */
  readonly policy: string | null;
  /** The first and last microversion in which this endpoint exists. */
  readonly since?: Version;
  readonly until?: Version;
  readonly query?: TSchema;
  /** JSON schema of the body; `json` takes any JSON; `stream` leaves the bytes to the handler. */
  readonly body?: TSchema | 'json' | 'stream';
  /** Media types taken besides `application/json`. */
  readonly consumes?: readonly string[];
  /** Status of a plain answer. */
  readonly status: number;
  /** Most bytes of a JSON body; default 1 MiB. */
  readonly bodyLimit?: number;
  readonly load?: (call: Call<Service, never>) => unknown;
  readonly target?: (resource: never, call: Call<Service, never>) => Target;
  readonly handler: (call: Call<Service, never, never, never>) => unknown;
  /** Where it is declared, `file:line`; for `npm run where`. */
  readonly declaredAt: string;
}

/** An endpoint as written down, with everything a handler sees typed from the declaration. */
export interface EndpointDeclaration<Service, Path extends string, Body, Resource> extends Omit<
  Endpoint<Service>,
  'load' | 'target' | 'handler' | 'path' | 'body' | 'declaredAt'
> {
  readonly path: Path;
  readonly body?: Body;
  /** Fetches the resource the path names, before policy; throws `notFound`. Its `project_id` and `user_id` are the policy target. */
  readonly load?: (call: Call<Service, ParamsOf<Path>>) => Resource | Promise<Resource>;
  /** The policy target, when it is not simply the resource's own attributes. */
  readonly target?: (resource: Resource, call: Call<Service, ParamsOf<Path>>) => Target;
  readonly handler: (call: Call<Service, ParamsOf<Path>, BodyOf<Body>, Resource>) => unknown;
}

// the body of `json` endpoints is checked by their handlers
type BodyOf<Body> = Body extends TSchema ? StaticOf<Body> : Body extends 'json' ? unknown : undefined;

/**
 * Declares the endpoints of a noun: `const endpoint = endpointOf<Compute>()`, then one call per endpoint.
 */
export function endpointOf<Service>() {
  return function endpoint<
    const Path extends string,
    Body extends TSchema | 'json' | 'stream' | undefined = undefined,
    Resource = undefined,
  >(declaration: EndpointDeclaration<Service, Path, Body, Resource>): Endpoint<Service> {
    return { ...declaration, declaredAt: callerOf(endpoint) } as unknown as Endpoint<Service>;
  };
}

/** File and line of whoever called `inner`. */
// eslint-disable-next-line typescript/no-unsafe-function-type
function callerOf(inner: Function): string {
  const at: { stack?: string } = {};
  Error.captureStackTrace(at, inner);
  const line = at.stack?.split('\n')[1] ?? '';
  return /\(?((?:file:\/\/)?\/[^)]+):\d+\)?$/.exec(line)?.[1]?.replace('file://', '') ?? '';
}
