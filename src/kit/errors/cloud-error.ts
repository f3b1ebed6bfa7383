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

/** Makes the {@link CloudError} of one kind. The status below is the one in {@link statusOf}. */
type Maker = (publicMessage: string, details?: ErrorDetails, cause?: unknown) => CloudError;
const maker =
  (kind: ErrorKind): Maker =>
  (publicMessage, details, cause) =>
    new CloudError(kind, publicMessage, { ...(details && { details }), cause });

/** 400: a request that cannot be understood, or asks for what cannot be. */
export const badRequest = maker('badRequest');
/** 401: no token, or none that is valid. Every service words it as keystonemiddleware does. */
export const unauthorized = maker('unauthorized');
/** 403: policy says no, or the state of a thing, where its service answers that with 403 rather than 409. */
export const forbidden = maker('forbidden');
/** 404: it is not there, or the caller may not know that it is. */
export const notFound = maker('notFound');
/** 406: a microversion out of range, or a media type that is not offered. */
export const notAcceptable = maker('notAcceptable');
/** 409: the name is taken, the state forbids it, or a compare-and-set was lost to somebody else. */
export const conflict = maker('conflict');
/** 410: what a request worked on was removed meanwhile, or the whole API was, in the version asked for. */
export const gone = maker('gone');
/** 412: an `If-Match` that does not match. */
export const preconditionFailed = maker('preconditionFailed');
/** 413: more bytes than are taken, or than there is room for. */
export const tooLarge = maker('tooLarge');
/** 415: a content type that is not taken, or data that is not in the format declared. */
export const unsupportedMediaType = maker('unsupportedMediaType');
/** 416: bytes that the data does not have. */
export const rangeNotSatisfiable = maker('rangeNotSatisfiable');
/** 403, unless the service's fault format says otherwise: 409 in Network, 413 in Image. */
export const overQuota = maker('overQuota');
/** 501: the driver or the backend in use cannot do it; an endpoint that is not built is absent instead. */
export const notImplemented = maker('notImplemented');
/** 503: it may work later, e.g. once the disk has room again. */
export const unavailable = maker('unavailable');

/** Whether `error` is a {@link CloudError} of one of the given kinds. */
export function isKind(error: unknown, ...kinds: ErrorKind[]): error is CloudError {
  return error instanceof CloudError && kinds.includes(error.kind);
}

/** The message of anything that can be thrown, for logs and saga journals. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
