/** An operation of an API: `POST /servers/{}/action os-start`. Parameters have lost their names. */
export interface Operation {
  readonly method: string;
  /** Under the API's version, e.g. `/servers/{id}`. */
  readonly path: string;
  readonly action?: string;
  /** Microversions in which it exists, as text; empty when it always does. */
  readonly versions: string;
}

/** Whether two paths are one: parameters match parameters of another name, and a parameter of `own` any word. */
export function samePath(own: string, other: string): boolean {
  const ours = segments(own);
  const theirs = segments(other);
  return ours.length === theirs.length && ours.every((part, i) => isParameter(part) || part === theirs[i]);
}

/** A path without version, parameter names and a slash at the end: what makes two lists comparable. */
export const normalPath = (path: string): string =>
  `/${segments(path.replace(/^\/v\d(?:\.\d+)?(?=\/|$)/, ''))
    .map((part) => (isParameter(part) ? '{}' : part))
    .join('/')}`;

const segments = (path: string): string[] =>
  path
    .split('?')[0]!
    .split('/')
    .filter((part) => part !== '');
const isParameter = (part: string): boolean => part.startsWith('{');
