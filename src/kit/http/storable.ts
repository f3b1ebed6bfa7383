import { badRequest } from '../errors/cloud-error.ts';

/**
 * Text that no engine keeps as it is: PostgreSQL refuses a NUL character, and half of a surrogate pair has no UTF-8.
 * Refused here, such text is refused alike on every engine, wherever it would have gone.
 */

/** Refuses a URL with a NUL character in it. Half a pair cannot come in one. */
export function requireStorableUrl(url: string): void {
  if (url.includes('%00')) throw badRequest('The URL holds a NUL character.');
}

/** Refuses a parsed body with such text in it; `source` is what it was parsed from. */
export function requireStorableBody(body: unknown, source: string): void {
  // both can be written in JSON only with an escape, which hardly any body has
  if (/\\u(0000|d[89a-f])/i.test(source) && !isStorable(body))
    throw badRequest('The request body holds a NUL character or half of a surrogate pair.');
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}
