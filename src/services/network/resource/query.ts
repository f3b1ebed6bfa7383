import type { Query } from '#kit/http/endpoint.ts';

import { badBody, badResource } from '../errors.ts';
import type { Attribute, Attributes } from './attribute.ts';

/** What a list asks for, as neutron/api/api_common.py reads a query string. */
export interface ListQuery {
  /** Converted values by attribute; a row matches when it has any of them. */
  readonly filters: ReadonlyMap<string, readonly unknown[]>;
  readonly sorts: readonly { readonly attribute: string; readonly descending: boolean }[];
  /** Undefined: everything. */
  readonly limit: number | undefined;
  /** Id of the row before the page; after it, when reversed. */
  readonly marker: string | undefined;
  readonly reverse: boolean;
}

/** Everything, in the default order. */
export const noQuery: ListQuery = {
  filters: new Map(),
  sorts: [],
  limit: undefined,
  marker: undefined,
  reverse: false,
};

/** Only rows with any of these values. */
export const filteredBy = (filters: Readonly<Record<string, readonly unknown[]>>): ListQuery => ({
  ...noQuery,
  filters: new Map(Object.entries(filters)),
});

/** More rows than any list has. */
const longestPage = 2 ** 31 - 1;

const reserved = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse']);

/** Reads a query string against a resource's attributes; throws 400 for what cannot be filtered or sorted by. */
export function readListQuery(attributes: Attributes, query: Query): ListQuery {
  const filters = new Map<string, readonly unknown[]>();
  const unknown: string[] = [];
  for (const [key, given] of Object.entries(query)) {
    if (reserved.has(key)) continue;
    const attribute = attributes[key] as Attribute | undefined;
    if (!attribute?.filter) unknown.push(key);
    else filters.set(key, convertAll(attribute, valuesOf(given)));
  }
  if (unknown.length > 0)
    throw badBody(`[${unknown.map((k) => `'${k}'`).join(', ')}] is invalid attribute for filtering`);
  const limit = readLimit(query.limit);
  const marker = limit === undefined ? undefined : lastOf(query.marker);
  return {
    filters,
    sorts: readSorts(attributes, query),
    limit,
    marker,
    reverse: lastOf(query.page_reverse)?.toLowerCase() === 'true',
  };
}

/** The attributes a caller wants to see; undefined: all. */
export function readFields(query: Query): ReadonlySet<string> | undefined {
  const fields = valuesOf(query.fields).filter(Boolean);
  return fields.length > 0 ? new Set(fields) : undefined;
}

function convertAll(attribute: Attribute, values: readonly string[]): readonly unknown[] {
  const { convert } = attribute.type;
  return convert ? values.map((v) => convert(v)) : values;
}

function readLimit(given: string | string[] | undefined): number | undefined {
  const text = lastOf(given) ?? '0';
  const limit = /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : -1;
  if (limit < 0) throw badResource('limit', `Limit must be an integer 0 or greater and not '${text}'`);
  return limit === 0 ? undefined : Math.min(limit, longestPage);
}

function readSorts(attributes: Attributes, query: Query): ListQuery['sorts'] {
  const keys = valuesOf(query.sort_key).filter(Boolean);
  const directions = valuesOf(query.sort_dir).filter(Boolean);
  if (keys.length !== directions.length) throw badBody('The number of sort_keys and sort_dirs must be same');
  const absent = keys.filter((key) => !(attributes[key] as Attribute | undefined)?.sort);
  if (absent.length > 0) throw badBody(`[${quoted(absent)}] is invalid attribute for sort_keys`);
  const wrong = directions.filter((d) => d !== 'asc' && d !== 'desc');
  if (wrong.length > 0) {
    throw badBody(`[${quoted(wrong)}] is invalid value for sort_dirs, valid value is 'asc' and 'desc'`);
  }
  return keys.map((attribute, i) => ({ attribute, descending: directions[i] === 'desc' }));
}

const quoted = (words: readonly string[]): string => words.map((w) => `'${w}'`).join(', ');
const valuesOf = (given: string | string[] | undefined): string[] =>
  given === undefined ? [] : Array.isArray(given) ? given : [given];
const lastOf = (given: string | string[] | undefined): string | undefined => valuesOf(given).at(-1);
