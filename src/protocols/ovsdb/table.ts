import type { Column, ValueOf, Wire } from './columns.ts';

/** The columns of a table that are looked at, by name. */
export type Columns = Readonly<Record<string, Column<unknown>>>;
/** The tables of a database that are looked at, by name. */
export type Tables = Readonly<Record<string, Columns>>;

/** A row as the cache holds it. Rows are never changed in place. */
export type Row<C extends Columns> = { readonly [K in keyof C]: ValueOf<C[K]> } & { readonly _uuid: string };

/** How one row changed: no `before` when it is new, no `after` when it is gone. */
export interface RowChange<C extends Columns> {
  readonly before: Row<C> | undefined;
  readonly after: Row<C> | undefined;
}

/** One row's part of a `table-updates2` object. */
export interface RowUpdate {
  readonly initial?: Readonly<Record<string, Wire>>;
  readonly insert?: Readonly<Record<string, Wire>>;
  readonly modify?: Readonly<Record<string, Wire>>;
  readonly delete?: null;
}

/** The rows of one table as the server last told. */
export class Table<C extends Columns> {
  readonly columns: C;
  #rows = new Map<string, Row<C>>();

  constructor(columns: C) {
    this.columns = columns;
  }

  get(uuid: string): Row<C> | undefined {
    return this.#rows.get(uuid);
  }

  rows(): IterableIterator<Row<C>> {
    return this.#rows.values();
  }

  find(predicate: (row: Row<C>) => boolean): Row<C> | undefined {
    for (const row of this.#rows.values()) if (predicate(row)) return row;
    return undefined;
  }

  /** Takes in an update and answers what it changed. */
  update(updates: Readonly<Record<string, RowUpdate>>): RowChange<C>[] {
    return Object.entries(updates).map(([uuid, update]) => this.#updateRow(uuid, update));
  }

  /** Takes in everything there is, as after a reconnect, and answers how that differs from what was known. */
  replace(updates: Readonly<Record<string, RowUpdate>>): RowChange<C>[] {
    const old = this.#rows;
    this.#rows = new Map();
    const changes = this.update(updates).map(({ after }) => ({ before: old.get(after!._uuid), after }));
    const gone = [...old.values()].filter((row) => !this.#rows.has(row._uuid));
    return [
      ...changes.filter(({ before, after }) => !before || !this.#same(before, after!)),
      ...gone.map((before) => ({ before, after: undefined })),
    ];
  }

  #updateRow(uuid: string, update: RowUpdate): RowChange<C> {
    const before = this.#rows.get(uuid);
    const after = this.#next(uuid, before, update);
    if (after) this.#rows.set(uuid, after);
    else this.#rows.delete(uuid);
    return { before, after };
  }

  #next(uuid: string, before: Row<C> | undefined, update: RowUpdate): Row<C> | undefined {
    const whole = update.initial ?? update.insert;
    if (whole) return this.#decode(uuid, whole);
    if (!update.modify || !before) return undefined;
    const row: Record<string, unknown> = { ...before };
    for (const [name, difference] of Object.entries(update.modify))
      row[name] = this.columns[name]?.patch(row[name], difference);
    return row as Row<C>;
  }

  #decode(uuid: string, wire: Readonly<Record<string, Wire>>): Row<C> {
    const row: Record<string, unknown> = { _uuid: uuid };
    for (const [name, column] of Object.entries(this.columns))
      row[name] = wire[name] === undefined ? column.empty : column.decode(wire[name]);
    return row as Row<C>;
  }

  #same(a: Row<C>, b: Row<C>): boolean {
    return Object.entries(this.columns).every(([name, column]) => column.same(a[name], b[name]));
  }
}
