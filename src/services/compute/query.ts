import Type, { type TObject, type TOptional, type TArray, type TProperties, type TSchema } from 'typebox';

import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';
import type { Version } from '#kit/http/microversion.ts';
import { strictSince } from '#kit/http/versioned-schema.ts';

/**
 * Query parameters as Nova has them: a name may be given several times, every value is validated and the last one
 * counts; unknown names were ignored once and are refused since a microversion.
 */

/** A query parameter whose values match `schema`. */
export const parameter = <S extends TSchema>(schema: S): TOptional<TArray<S>> =>
  Type.Optional(Type.Array(schema));

/** A query parameter of any text. */
export const textParameter = parameter(Type.String());

/** A query that refuses unknown parameters since `version`. */
export const queryStrictSince = <P extends TProperties>(version: Version, parameters: P): TObject<P> =>
  strictSince(version, Type.Object(parameters));

/** Parameters of endpoints that take none; unknown ones are refused since 2.102. */
export const noQuery = queryStrictSince('2.102', {});

/** `limit` and `marker`. */
export const pagingParameters = {
  limit: parameter(Type.String({ pattern: '^[0-9]*$', minLength: 1 })),
  marker: textParameter,
};

/** The value of a parameter that counts: the last one given. */
export function lastOf(query: Query, name: string): string | undefined {
  const value = query[name];
  return Array.isArray(value) ? value.at(-1) : value;
}

/** Which page of a list is asked for: at most `limit` items after the one `marker` names. */
export interface PageRequest {
  readonly limit: number;
  readonly marker: string | undefined;
}

/** The page a query asks for. No limit, or one beyond `maxLimit`, is `maxLimit`. */
export function pageOf(query: Query, maxLimit: number): PageRequest {
  const limit = lastOf(query, 'limit');
  return {
    limit: limit === undefined ? maxLimit : Math.min(Number(limit), maxLimit),
    marker: lastOf(query, 'marker'),
  };
}

const trueTexts = ['1', 't', 'true', 'on', 'y', 'yes'];
const falseTexts = ['0', 'f', 'false', 'off', 'n', 'no'];

/** Reads a truth value as oslo.utils does; undefined when the text is none. */
export function readBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (trueTexts.includes(word)) return true;
  return falseTexts.includes(word) ? false : undefined;
}

/** The value of a whole-number filter. Throws `badRequest` naming the filter. */
export function integerFilter(query: Query, name: string): number | undefined {
  const text = lastOf(query, name);
  if (text === undefined) return undefined;
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw badRequest(`Invalid ${name} filter [${text}]`);
  return Number(text);
}
