import type { Column, Wire } from './columns.ts';
import type { Columns, Row, Table, Tables } from './table.ts';

/** `[column, function, value]` of RFC 7047 section 5.1. */
export type Condition = readonly [column: string, fn: '==' | '!=' | 'includes' | 'excludes', value: Wire];

/** An operation as the server wants it, and whether finding no row means that what we know is out of date. */
export interface Operation {
  readonly wire: Readonly<Record<string, unknown>>;
  readonly mustMatch: boolean;
}

/** The tables a transaction looks at. */
export type View<T extends Tables> = { readonly [N in keyof T]: Table<T[N]> };

type Values<C extends Columns> = Partial<Omit<Row<C>, '_uuid'>>;
type SetColumn<C extends Columns> = {
  [K in keyof C]: C[K] extends Column<readonly string[]> ? K : never;
}[keyof C] &
  string;

interface RowRef {
  readonly table: string;
  readonly uuid: string;
}
interface Put extends RowRef {
  readonly isNew: boolean;
  readonly values: Record<string, unknown>;
}
interface Membership extends RowRef {
  readonly column: string;
  readonly member: string;
  readonly add: boolean;
}

const keyOf = (...parts: string[]): string => parts.join(' ');

/**
 * What is to change in a database, worked out as the difference from its cached state: rows are declared as they shall
 * be, under UUIDs their writer chose (ovsdb-server takes them since 2.13), and only what differs is written. So the
 * same declaration twice writes once, two writers who declare the same row make one row, and what was worked out from
 * an outdated cache is refused by the server instead of doing harm.
 *
 * A row and its parent must not share a UUID, even though they stand in different tables: ovsdb-server takes the
 * reference for one of the row to itself, does not count it, and drops the child.
 */
export class Transaction<T extends Tables> {
  readonly #view: View<T>;
  readonly #puts = new Map<string, Put>();
  readonly #memberships = new Map<string, Membership>();
  readonly #required = new Map<string, RowRef>();
  readonly #deleted = new Map<string, RowRef>();
  readonly #others: Operation[] = [];

  constructor(view: View<T>) {
    this.#view = view;
  }

  /** The row as it will be after this transaction, as far as puts and deletions of single rows go. */
  row<N extends keyof T & string>(table: N, uuid: string): Row<T[N]> | undefined {
    const key = keyOf(table, uuid);
    if (this.#deleted.has(key)) return undefined;
    const cached = this.#view[table].get(uuid);
    const put = this.#puts.get(key);
    if (!put) return cached;
    return { ...(cached ?? this.#emptyRow(table)), ...put.values, _uuid: uuid } as Row<T[N]>;
  }

  /** Rows of the table as they will be after this transaction, as far as {@link row} knows. */
  *rows<N extends keyof T & string>(table: N): Generator<Row<T[N]>> {
    const made = [...this.#puts.values()].filter((put) => put.table === table && put.isNew);
    for (const { _uuid: uuid } of this.#view[table].rows()) {
      const row = this.row(table, uuid);
      if (row) yield row;
    }
    for (const { uuid } of made) yield this.row(table, uuid)!;
  }

  /** Makes these columns so; makes the row when there is none. A row of a non-root table also needs a parent. */
  put<N extends keyof T & string>(table: N, uuid: string, values: Values<T[N]>): void {
    const key = keyOf(table, uuid);
    this.#deleted.delete(key);
    const row = this.row(table, uuid);
    const columns = this.#view[table].columns;
    const differing = row
      ? Object.entries(values).filter(([name, value]) => !columns[name]!.same(row[name], value))
      : Object.entries(values);
    if (row && differing.length === 0) return;
    const earlier = this.#puts.get(key) ?? { table, uuid, isNew: !row, values: {} };
    this.#puts.set(key, { ...earlier, values: { ...earlier.values, ...Object.fromEntries(differing) } });
  }

  /** Puts a reference into a set of references that has several writers. The transaction fails without that row. */
  include<N extends keyof T & string>(table: N, uuid: string, column: SetColumn<T[N]>, member: string): void {
    if (this.#holds(table, uuid, column, member)) return;
    this.#setMember(table, uuid, column, member, true);
    if (!this.#puts.get(keyOf(table, uuid))?.isNew) this.#required.set(keyOf(table, uuid), { table, uuid });
  }

  /** Takes a reference out of a set of references that has several writers. */
  exclude<N extends keyof T & string>(table: N, uuid: string, column: SetColumn<T[N]>, member: string): void {
    if (this.#holds(table, uuid, column, member)) this.#setMember(table, uuid, column, member, false);
  }

  /**
   * Takes a reference out of this set of whichever row holds it, known to the cache or not, after everything else: what
   * the same transaction puts in is out again.
   */
  excludeAnywhere<N extends keyof T & string>(table: N, column: SetColumn<T[N]>, member: string): void {
    const where: Condition[] = [[column, 'includes', ['uuid', member]]];
    const mutations = [[column, 'delete', ['uuid', member]]];
    this.#others.push({ wire: { op: 'mutate', table, where, mutations }, mustMatch: false });
  }

  /** Deletes the row, known to the cache or not. */
  delete<N extends keyof T & string>(table: N, uuid: string): void {
    const key = keyOf(table, uuid);
    this.#puts.delete(key);
    this.#deleted.set(key, { table, uuid });
  }

  /** Deletes the rows that meet all the conditions, known to the cache or not. */
  deleteWhere<N extends keyof T & string>(table: N, where: readonly Condition[]): void {
    this.#others.push({ wire: { op: 'delete', table, where }, mustMatch: false });
  }

  /** Operations in the order they must be carried out; none when everything is as declared. */
  operations(): Operation[] {
    const changes = [
      ...[...this.#puts.values()].map((put) => this.#putOperation(put)),
      ...[...this.#memberships.values()].map(membershipOperation),
      ...[...this.#deleted.values()].map(deleteOperation),
      ...this.#others,
    ];
    return changes.length === 0 ? [] : [...[...this.#required.values()].map(requireOperation), ...changes];
  }

  #emptyRow(table: string): Record<string, unknown> {
    const columns = Object.entries(this.#view[table as keyof T & string].columns);
    return Object.fromEntries(columns.map(([name, column]) => [name, column.empty]));
  }

  #holds(table: string, uuid: string, column: string, member: string): boolean {
    const pending = this.#memberships.get(keyOf(table, uuid, column, member));
    if (pending) return pending.add;
    const row = this.row(table, uuid) as Record<string, unknown> | undefined;
    return ((row?.[column] ?? []) as readonly string[]).includes(member);
  }

  #setMember(table: string, uuid: string, column: string, member: string, add: boolean): void {
    this.#memberships.set(keyOf(table, uuid, column, member), { table, uuid, column, member, add });
  }

  #putOperation({ table, uuid, isNew, values }: Put): Operation {
    const columns = this.#view[table as keyof T & string].columns;
    const row = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, columns[name]!.encode(value)]),
    );
    return isNew
      ? { wire: { op: 'insert', table, uuid, row }, mustMatch: false }
      : { wire: { op: 'update', table, where: is(uuid), row }, mustMatch: true };
  }
}

const is = (uuid: string): Condition[] => [['_uuid', '==', ['uuid', uuid]]];

const membershipOperation = ({ table, uuid, column, member, add }: Membership): Operation => ({
  wire: {
    op: 'mutate',
    table,
    where: is(uuid),
    mutations: [[column, add ? 'insert' : 'delete', ['uuid', member]]],
  },
  mustMatch: false,
});

const deleteOperation = ({ table, uuid }: RowRef): Operation => ({
  wire: { op: 'delete', table, where: is(uuid) },
  mustMatch: false,
});

const requireOperation = ({ table, uuid }: RowRef): Operation => ({
  wire: {
    op: 'wait',
    table,
    where: is(uuid),
    columns: ['_uuid'],
    until: '==',
    rows: [{ _uuid: ['uuid', uuid] }],
    timeout: 0,
  },
  mustMatch: false,
});
