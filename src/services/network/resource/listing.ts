import { type ExpressionBuilder, type SelectQueryBuilder, sql } from 'kysely';

import { afterMarker, type SortKey } from '#kit/db/keyset.ts';

import type { ListQuery } from './query.ts';

/** Turns a {@link ListQuery} into SQL. Used by stores only. */

/* eslint-disable typescript/no-explicit-any -- a list is built over whatever tables its store joins */
/** A select over tables not known here; `R` is what its rows hold. */
export type AnyQuery<R = unknown> = SelectQueryBuilder<any, any, R>;
/** Builds expressions for an {@link AnyQuery}; column names are not checked. */
export type AnyExpressions = ExpressionBuilder<any, any>;
/* eslint-enable typescript/no-explicit-any */

/** How the attributes of a noun are found in its tables. */
export interface Listing {
  /** The noun's table and its alias in list queries. */
  readonly table: string;
  readonly alias: string;
  /** SQL columns of attributes that are not simply a column of their own name. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Filters that are not `column IN (values)`. */
  readonly filters?: Readonly<Record<string, (query: AnyQuery, values: readonly unknown[]) => AnyQuery>>;
}

/** Keeps the rows that match every filter. */
export function matching<Q extends AnyQuery>(query: Q, listing: Listing, filters: ListQuery['filters']): Q {
  let narrowed: AnyQuery = query;
  for (const [attribute, values] of filters) {
    const special = listing.filters?.[attribute];
    if (special) narrowed = special(narrowed, values);
    else if (tagFilters.has(attribute)) narrowed = taggedWith(narrowed, listing, attribute, values);
    else narrowed = narrowed.where(sql.ref(columnOf(listing, attribute)), 'in', values.map(stored));
  }
  return narrowed as Q;
}

/** Orders and cuts the page; the marker row must have been read from the noun's own table. */
export function paged<Q extends AnyQuery>(
  query: Q,
  listing: Listing,
  list: ListQuery,
  marker: Readonly<Record<string, unknown>> | undefined,
): Q {
  const page = afterMarker(query, sortKeys(listing, list), marker);
  return (list.limit === undefined ? page : page.limit(list.limit)) as Q;
}

/** Rows of a reversed page were read backwards. */
export const inOrder = <Row>(rows: Row[], list: ListQuery): Row[] =>
  list.reverse && list.limit !== undefined ? rows.toReversed() : rows;

function sortKeys(listing: Listing, list: ListQuery): SortKey[] {
  const reverse = list.reverse && list.limit !== undefined;
  const sorts = list.sorts.some((s) => s.attribute === 'id')
    ? list.sorts
    : [...list.sorts, { attribute: 'id', descending: false }];
  return sorts.map(({ attribute, descending }) => ({
    column: columnOf(listing, attribute),
    direction: descending === reverse ? 'asc' : 'desc',
  }));
}

const columnOf = (listing: Listing, attribute: string): string =>
  listing.columns?.[attribute] ?? `${listing.alias}.${attribute === 'tenant_id' ? 'project_id' : attribute}`;

const stored = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);

const tagFilters = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any']);

/** Neutron's tag filters, comma-separated: all of them, any, not all, none. */
function taggedWith(query: AnyQuery, listing: Listing, filter: string, values: readonly unknown[]): AnyQuery {
  const tags = values.flatMap((value) => String(value).split(','));
  const id = sql.ref(`${listing.alias}.id`);
  const has = (eb: AnyExpressions, wanted: readonly string[]) =>
    eb.exists(
      eb
        .selectFrom('network_tags')
        .select('tag')
        .where('network_tags.resource_id', '=', id)
        .where('network_tags.tag', 'in', wanted),
    );
  return query.where((eb) => {
    const all = () => eb.and(tags.map((tag) => has(eb, [tag])));
    if (filter === 'tags') return all();
    if (filter === 'tags-any') return has(eb, tags);
    return filter === 'not-tags' ? eb.not(all()) : eb.not(has(eb, tags));
  });
}
