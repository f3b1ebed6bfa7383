import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';
import {
  badRequest,
  type CloudError,
  conflict,
  forbidden,
  notFound,
  unauthorized,
} from '#kit/errors/cloud-error.ts';

/** Keystone's NotFound errors, a 404: `Could not find user: 5f2….` */
export const missing = (what: string, id: string): CloudError => notFound(`Could not find ${what}: ${id}.`);

/** The resource, unless there is none: then a 404. For handlers whose policy is asked first even about what is not there. */
export function found<Resource>(resource: Resource | undefined, what: string, id: string): Resource {
  if (resource === undefined) throw missing(what, id);
  return resource;
}

/** Keystone's Conflict, a 409: what is there already stands in the way. */
export const clash = (what: string, details: string): CloudError =>
  conflict(`Conflict occurred attempting to store ${what} - ${details}.`);

/** A {@link clash} over a name that is taken. `domainId` is null where it is not a domain that names are unique in. */
export const nameTaken = (what: string, name: string, domainId: string | null): CloudError =>
  clash(
    what,
    domainId === null
      ? `Duplicate entry found with name ${name}`
      : `Duplicate entry found with name ${name} at domain ID ${domainId}`,
  );

/** Keystone's ForbiddenAction: a 403 for what policy lets pass and something else does not. */
export const forbiddenAction = (action: string): CloudError =>
  forbidden(`You are not authorized to perform the requested action: ${action}.`);

/** Awaits a write; a unique index that stands in its way becomes the error given. */
export async function refuseDuplicate<Result>(
  write: Promise<Result>,
  error: () => CloudError,
): Promise<Result> {
  try {
    return await write;
  } catch (cause) {
    if (isUniqueViolation(cause)) throw error();
    throw cause;
  }
}

/** Awaits a write; that what it refers to was deleted meanwhile becomes the error given, which may first look what that was. */
export async function refuseDangling<Result>(
  write: Promise<Result>,
  error: () => CloudError | Promise<CloudError>,
): Promise<Result> {
  try {
    return await write;
  } catch (cause) {
    if (isForeignKeyViolation(cause)) throw await error();
    throw cause;
  }
}

/** Keystone's Unauthorized: a 401 that never says why. `cause` is for the log. */
export const notAuthenticated = (cause?: unknown): CloudError =>
  unauthorized('The request you have made requires authentication.', undefined, cause);

/** Keystone's ValidationError, a 400: something was left out, or refers to nothing there is. */
export const expecting = (attribute: string, target: string): CloudError =>
  badRequest(
    `Expecting to find ${attribute} in ${target}. The server could not comply with the request since it is either ` +
      'malformed or otherwise incorrect. The client is assumed to be in error.',
  );
