import { badRequest } from '#kit/errors/cloud-error.ts';

import { maxInteger } from './fields.ts';

const integerPattern = /^\s*[+-]?\d+\s*$/;

/** Reads an integer id as Python's `int` does; undefined when the text is none. */
export const integerId = (text: string): number | undefined =>
  integerPattern.test(text) ? Number(text) : undefined;

/** Reads an integer id. Throws `badRequest`. */
export function requireIntegerId(text: string): number {
  const id = integerId(text);
  if (id === undefined) throw badRequest('Invalid input received: id must be an integer');
  return id;
}

/** Whether anything could have this integer id. PostgreSQL does not even compare a column with a number beyond it. */
export const isPossibleId = (id: number): boolean => Math.abs(id) <= maxInteger;
