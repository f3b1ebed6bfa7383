/**
 * The one error a service throws on purpose. Its kind is a closed union; each service's fault renderer turns it
 * into that service's own body format. Anything else that is thrown is a bug: a 500 without internals.
 */

/** What went wrong, independent of any service. The default HTTP status of each stands in {@link statusOf}. */
export type ErrorKind =
  | 'badRequest'
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'methodNotAllowed'
  | 'notAcceptable'
  | 'conflict'
  | 'gone'
  | 'preconditionFailed'
  | 'tooLarge'
  | 'unsupportedMediaType'
  | 'rangeNotSatisfiable'
  | 'overQuota'
  | 'internal'
  | 'notImplemented'
  | 'badGateway'
  | 'unavailable';

/** The HTTP status a kind has unless a service's fault renderer knows better (over quota is 403, 409 or 413). */
export const statusOf: Readonly<Record<ErrorKind, number>> = {
  badRequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  notAcceptable: 406,
  conflict: 409,
  gone: 410,
  preconditionFailed: 412,
  tooLarge: 413,
  unsupportedMediaType: 415,
  rangeNotSatisfiable: 416,
  overQuota: 403,
  internal: 500,
  notImplemented: 501,
  badGateway: 502,
  unavailable: 503,
};

/** Facts beside the message that some body formats show. */
export interface ErrorDetails {
  /** The exception name Neutron puts in `NeutronError.type`, e.g. `NetworkNotFound`. */
  type?: string;
  /** A machine-readable code, e.g. `placement.concurrent_update`. */
  code?: string;
  /** Neutron's `detail` field. */
  detail?: string;
  /** Extra response headers, e.g. `Retry-After` or `Allow`. */
  headers?: Record<string, string>;
}

/** An error with a message that may be shown to the caller. `cause` is for the log only. */
export class CloudError extends Error {
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(
    kind: ErrorKind,
    publicMessage: string,
    options: { cause?: unknown; details?: ErrorDetails } = {},
  ) {
    super(publicMessage, { cause: options.cause });
    this.name = 'CloudError';
    this.kind = kind;
    this.details = options.details ?? {};
  }
}

type Maker = (publicMessage: string, details?: ErrorDetails, cause?: unknown) => CloudError;
const maker =
  (kind: ErrorKind): Maker =>
  (publicMessage, details, cause) =>
    new CloudError(kind, publicMessage, { ...(details && { details }), cause });

/** Each makes the {@link CloudError} of its kind; which status that is, {@link statusOf} says. */
export const badRequest = maker('badRequest');
export const unauthorized = maker('unauthorized');
export const forbidden = maker('forbidden');
export const notFound = maker('notFound');
export const notAcceptable = maker('notAcceptable');
export const conflict = maker('conflict');
export const gone = maker('gone');
export const preconditionFailed = maker('preconditionFailed');
export const tooLarge = maker('tooLarge');
export const unsupportedMediaType = maker('unsupportedMediaType');
export const rangeNotSatisfiable = maker('rangeNotSatisfiable');
export const overQuota = maker('overQuota');
export const notImplemented = maker('notImplemented');
export const unavailable = maker('unavailable');

/** Whether `error` is a {@link CloudError} of one of the given kinds. */
export function isKind(error: unknown, ...kinds: ErrorKind[]): error is CloudError {
  return error instanceof CloudError && kinds.includes(error.kind);
}

/** The message of anything that can be thrown, for logs and saga journals. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
