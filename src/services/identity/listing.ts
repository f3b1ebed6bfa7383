import { type RawBuilder, type SelectQueryBuilder, sql, type SqlBool } from 'kysely';
import Type, { type TProperties } from 'typebox';

import { notFound } from '#kit/errors/cloud-error.ts';
import type { Query, RequestInfo } from '#kit/http/endpoint.ts';

/** How much of a list is wanted. Lists are ordered by id; `after` is the last id already seen. */
export interface Page {
  readonly limit?: number;
  readonly after?: string;
}

/** A condition on a text column, from a query such as `name__icontains=web`. */
export interface TextMatch {
  readonly column: string;
  readonly comparator: 'contains' | 'startswith' | 'endswith';
  readonly ignoreCase: boolean;
  readonly value: string;
}

/** The query of a list: its filters, `limit` and `marker`. Parameters it does not know are ignored, as in Keystone. */
export const listQuery = (filters: TProperties = {}) =>
  Type.Object({
    ...filters,
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
    marker: Type.Optional(Type.String()),
  });

/** Which way a list is sorted. Keystone checks it, and then sorts as ever. */
export const sortDirection = Type.Optional(
  Type.Unsafe<'asc' | 'desc'>({ type: 'string', enum: ['asc', 'desc'] }),
);

/** The page a list query asks for. A limit of 0 is none. */
export function pageOf(query: Query): Page {
  const limit = Number(query.limit ?? 0);
  return { ...(limit > 0 && { limit }), ...(query.marker && { after: query.marker as string }) };
}

/** Throws `notFound` for a marker that is not there. */
export async function requireMarker({ after }: Page, find: (id: string) => Promise<unknown>): Promise<void> {
  if (after !== undefined && (await find(after)) === undefined)
    throw notFound(`Marker ${after} could not be found.`);
}

/** The comparators given for `fields`: `<field>__contains`, `__startswith`, `__endswith`, with an `i` before it to ignore case. */
export function textMatches(query: Query, fields: readonly string[]): TextMatch[] {
  return Object.entries(query).flatMap(([name, value]) => {
    const parts = /^(.+?)__(i?)(contains|startswith|endswith)$/.exec(name);
    if (!parts || !fields.includes(parts[1]!) || typeof value !== 'string') return [];
    return [
      {
        column: parts[1]!,
        comparator: parts[3] as TextMatch['comparator'],
        ignoreCase: parts[2] === 'i',
        value,
      },
    ];
  });
}

/** oslo's `bool_from_string` as Keystone's filters use it: whatever is not a word for no is yes. */
export const isTrue = (text: string): boolean =>
  !['0', 'f', 'false', 'off', 'n', 'no'].includes(text.trim().toLowerCase());

/** Whether a parameter such as `effective` is given: any value but `0` counts, even none. */
export const isGiven = (query: Query, name: string): boolean =>
  query[name] !== undefined && query[name] !== '0';

// a list is built over whatever table its store reads
// eslint-disable-next-line typescript/no-explicit-any
type AnyQuery<Row> = SelectQueryBuilder<any, any, Row>;

/** Adds the conditions, order and extent of a list; one row more than the limit tells whether there are more. */
export function listed<Row>(query: AnyQuery<Row>, matches: readonly TextMatch[], page: Page): AnyQuery<Row> {
  let narrowed = matches.reduce((q, match) => q.where(conditionOf(match)), query).orderBy('id');
  if (page.after !== undefined) narrowed = narrowed.where('id', '>', page.after);
  return page.limit === undefined ? narrowed : narrowed.limit(page.limit + 1);
}

/** Reads rows of these ids. Past some hundreds all rows are read: naming each id would cost more. */
export const onlyIds = <Row>(query: AnyQuery<Row>, ids: readonly string[]): AnyQuery<Row> =>
  ids.length > 500 ? query : query.where('id', 'in', ids.length > 0 ? ids : ['']);

/** Neither engine's LIKE will do: it ignores case on SQLite and has wildcards on both. */
function conditionOf({ column, comparator, ignoreCase, value }: TextMatch): RawBuilder<SqlBool> {
  const given = sql`cast(${value} as text)`;
  // by the engine on both sides: what it takes for the same letter, and for one character, is its own affair
  const [text, part] = ignoreCase
    ? [sql`lower(${sql.ref(column)})`, sql`lower(${given})`]
    : [sql.ref(column), given];
  switch (comparator) {
    case 'contains':
      return value === '' ? sql<SqlBool>`1 = 1` : sql<SqlBool>`replace(${text}, ${part}, '') <> ${text}`;
    case 'startswith':
      return sql<SqlBool>`substr(${text}, 1, length(${part})) = ${part}`;
    case 'endswith':
      return sql<SqlBool>`length(${text}) >= length(${part}) and substr(${text}, length(${text}) - length(${part}) + 1) = ${part}`;
  }
}

/** A collection with its links. `items` may hold one more than the page's limit; then there is a next page. */
export function collection<const Key extends string, Item extends object>(
  key: Key,
  items: readonly Item[],
  request: RequestInfo,
  page: Page = {},
) {
  const more = page.limit !== undefined && items.length > page.limit;
  const shown = more ? items.slice(0, page.limit) : items;
  const links = {
    self: request.origin + request.url,
    previous: null,
    next: more ? nextLink(request, (shown.at(-1) as { id?: string }).id ?? '') : null,
  };
  return { [key]: shown, links, ...(more && { truncated: true }) };
}

function nextLink(request: RequestInfo, marker: string): string {
  const url = new URL(request.origin + request.url);
  url.searchParams.set('marker', marker);
  return url.href;
}
