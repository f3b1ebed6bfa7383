import {
  type ExpressionBuilder,
  type ExpressionWrapper,
  type SelectQueryBuilder,
  sql,
  type SqlBool,
} from 'kysely';

/** One column a list is ordered by. The last one must be unique, usually the id. */
export interface SortKey {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
}

// a list query is built over whatever table its store reads
// eslint-disable-next-line typescript/no-explicit-any
type AnyQuery<R> = SelectQueryBuilder<any, any, R>;

/**
 * Orders a list and starts it after the marker row: `(a, b, id) > (…)` spelled out per column, so that directions may
 * differ and an index serves it. NULLs sort first when ascending and last when descending, on both engines.
 */
export function afterMarker<R>(
  query: AnyQuery<R>,
  sort: readonly SortKey[],
  marker: Readonly<Record<string, unknown>> | undefined,
): AnyQuery<R> {
  const ordered = sort.reduce(
    (q, key) =>
      q.orderBy(sql.ref(key.column), (o) =>
        key.direction === 'asc' ? o.asc().nullsFirst() : o.desc().nullsLast(),
      ),
    query,
  );
  return marker
    ? ordered.where((eb) => eb.or(sort.map((_, i) => beyond(eb, sort.slice(0, i + 1), marker))))
    : ordered;
}

// eslint-disable-next-line typescript/no-explicit-any
type Eb = ExpressionBuilder<any, any>;

/** The rows equal to the marker in all but the last key, and past it in that one. */
function beyond(
  eb: Eb,
  keys: readonly SortKey[],
  marker: Readonly<Record<string, unknown>>,
): ExpressionWrapper<never, never, SqlBool> {
  const last = keys[keys.length - 1]!;
  const equal = keys.slice(0, -1).map((key) => {
    const value = marker[bare(key.column)];
    return value === null ? eb(sql.ref(key.column), 'is', null) : eb(sql.ref(key.column), '=', value);
  });
  return eb.and([...equal, past(eb, last, marker[bare(last.column)])]) as ExpressionWrapper<
    never,
    never,
    SqlBool
  >;
}

function past(eb: Eb, key: SortKey, value: unknown) {
  const column = sql.ref(key.column);
  if (key.direction === 'asc') return value === null ? eb(column, 'is not', null) : eb(column, '>', value);
  return value === null ? sql<SqlBool>`1 = 0` : eb.or([eb(column, '<', value), eb(column, 'is', null)]);
}

/** Rows name their columns without the table. */
const bare = (column: string): string => column.slice(column.lastIndexOf('.') + 1);
