import type { PolicyRule } from '../auth/policy.ts';
import type { CustomChecks } from '../auth/rule-parser.ts';
import type { CloudError } from '../errors/cloud-error.ts';
import type { Endpoint } from './endpoint.ts';
import type { MicroversionScheme, VersionNumber } from './microversion.ts';
import type { ValidationProblem } from './validation.ts';

/** What a fault renderer may show besides the error. */
export interface FaultContext {
  readonly requestId: string;
  readonly method: string;
  readonly url: string;
  readonly origin: string;
  /** Undefined when the fault came before negotiation, or the service has no microversions. */
  readonly version: VersionNumber | undefined;
  readonly acceptsHtml: boolean;
  /** The request's `Accept` header. */
  readonly accept: string | undefined;
  /** The request's `Content-Type` header. */
  readonly contentType: string | undefined;
}

/** A fault as it goes on the wire. */
export interface Fault {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Headers of its own, stronger than those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How requests are answered that no endpoint takes. What is left out is as for any other fault. */
export interface Unrouted {
  /** Whether one needs a token to be told even that: in front of most routers stands keystonemiddleware. */
  readonly needsToken?: (path: string) => boolean;
  /** Whether a path with another method is not there at all, as for Python's Routes, instead of 405. */
  readonly hidesMethods?: boolean;
  /** Answers in the router's own words, which come before microversions. */
  readonly render?: (error: CloudError, context: FaultContext) => Fault;
}

/** How a service words and shapes what it refuses. */
export interface FaultFormat {
  render(error: CloudError, context: FaultContext): Fault;
  /** The error for a body or query that does not match its schema. */
  invalid(problem: ValidationProblem, where: 'body' | 'query'): CloudError;
  /** The error for a body that is missing or not JSON; `cause` says where. Left out: `badRequest`. */
  malformed?(cause: Error): CloudError;
  /** What a missing body is taken for, for its schema to judge. Left out, it is malformed where there is an error for that. */
  readonly emptyBody?: null | Readonly<Record<string, never>>;
  /** The error for a body whose single key is no known action. Left out: `badRequest`. */
  unknownAction?(action: string | undefined): CloudError;
}

/** A service's API as pure data: what the server, the coverage pages and the authorization tests are made from. */
export interface Api<Service> {
  /** Official service type, e.g. `compute`. */
  readonly type: string;
  /** Code name, e.g. `nova`. */
  readonly project: string;
  readonly port: number;
  /** What stands before every path below: `/v2.1`. Several are aliases; `''` serves at the root. */
  readonly prefixes: readonly string[];
  /** Endpoints under the prefixes. */
  readonly endpoints: readonly Endpoint<Service>[];
  /** Endpoints at the root, outside any prefix: version discovery. */
  readonly rootEndpoints?: readonly Endpoint<Service>[];
  readonly policies: readonly PolicyRule[];
  readonly policyChecks?: CustomChecks;
  readonly faults: FaultFormat;
  readonly unrouted?: Unrouted;
  readonly microversions?: MicroversionScheme;
  /** Whether HEAD is answered wherever GET is (Keystone, Glance, Swift). */
  readonly headLikeGet?: boolean;
  /** Whether a path with a slash at its end is another one than without; left out, they are the same. */
  readonly strictSlash?: boolean;
  /** Rewrites a path before routing, e.g. drops Nova's optional project id. */
  readonly rewritePath?: (path: string) => string;
  /** Headers on every answer to a request, e.g. Nova's `X-Compute-Request-Id`. */
  readonly headers?: (requestId: string) => Record<string, string>;
}
