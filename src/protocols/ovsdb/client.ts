import { setTimeout as sleep } from 'node:timers/promises';

import { conflict, unavailable } from '#kit/errors/cloud-error.ts';

import { JsonRpc, RpcError } from './json-rpc.ts';
import { type Columns, type RowChange, type RowUpdate, Table, type Tables } from './table.ts';
import { type Condition, type Operation, Transaction, type View } from './transaction.ts';

/** A database and the part of it that is looked at. */
export interface Schema<T extends Tables> {
  /** The server's name for it, e.g. `OVN_Northbound`. */
  readonly database: string;
  readonly tables: T;
  /** Leaves out the rows of a table that do not meet its conditions. */
  readonly where?: { readonly [N in keyof T]?: readonly Condition[] };
}

/** Thrown when the server refuses a transaction for a reason that trying again will not mend. */
export class OvsdbError extends Error {
  /** RFC 7047's error string, e.g. `constraint violation`. */
  readonly code: string;

  constructor(code: string, details: string) {
    super(details ? `${code}: ${details}` : code);
    this.name = 'OvsdbError';
    this.code = code;
  }
}

/** Errors of a transaction that was worked out from rows that have changed meanwhile. */
const outdated = new Set([
  'duplicate uuid',
  'timed out',
  'referential integrity violation',
  'constraint violation',
]);
const attempts = 6;
const firstPauseMs = 5;
const reconnectPausesMs = [20, 50, 100, 200, 400, 800];

type Result = { readonly error?: string; readonly details?: string; readonly count?: number } | null;
type Listener<C extends Columns> = (change: RowChange<C>) => void;
type Updates = Readonly<Record<string, Readonly<Record<string, RowUpdate>>>>;

/**
 * An OVSDB client (RFC 7047) that keeps the looked-at tables in memory, current by `monitor_cond`, and reconnects for
 * as long as it is open. While the server is away the cache keeps its last state; what changed is told afterwards.
 */
export class OvsdbClient<T extends Tables> {
  readonly tables: View<T>;
  readonly #schema: Schema<T>;
  readonly #remote: string;
  readonly #listeners = new Map<string, Set<Listener<Columns>>>();
  readonly #syncListeners = new Set<() => void>();
  #rpc: JsonRpc | undefined;
  #lastChange: Promise<void> = Promise.resolve();
  #synced = false;
  #closed = false;
  /** Why the last attempt to connect failed. */
  #problem: unknown;

  constructor(remote: string, schema: Schema<T>) {
    this.#remote = remote;
    this.#schema = schema;
    this.tables = Object.fromEntries(
      Object.entries(schema.tables).map(([name, columns]) => [name, new Table(columns)]),
    ) as unknown as View<T>;
    void this.#keepConnected();
  }

  /** Whether the server answers and the cache is current. */
  get connected(): boolean {
    return this.#rpc !== undefined;
  }

  /** Whether the cache has ever been filled. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Resolves when the cache is filled. Throws `unavailable` when that takes longer than `timeoutMs`. */
  async ready(timeoutMs: number): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; !this.connected; await sleep(10))
      if (this.#closed || Date.now() >= deadline) throw this.#away();
  }

  /** Tells of each changed row, once all tables are up to date. */
  onChange<N extends keyof T & string>(table: N, listener: Listener<T[N]>): void {
    const listeners = this.#listeners.get(table) ?? new Set();
    this.#listeners.set(table, listeners.add(listener as unknown as Listener<Columns>));
  }

  /** Tells whenever the cache has been filled from a new connection, after the changes that brought. */
  onSync(listener: () => void): void {
    this.#syncListeners.add(listener);
  }

  /**
   * Makes a change: `declare` says into the transaction how rows shall be, and is asked again when the cache turned
   * out to be behind. Nothing is sent when nothing differs. Changes of one client are made one after the other: each
   * sees what those before it have written. Throws `unavailable` when the server is away (whether the change was made
   * is then unknown), `conflict` when a required row stays missing or other writers keep interfering,
   * {@link OvsdbError} for everything else.
   */
  change(declare: (transaction: Transaction<T>) => void): Promise<void> {
    const change = this.#lastChange.then(() => this.#change(declare));
    this.#lastChange = change.catch(() => {});
    return change;
  }

  /** Whether {@link change} would write anything, as far as the cache knows. */
  differs(declare: (transaction: Transaction<T>) => void): boolean {
    const transaction = new Transaction(this.tables);
    declare(transaction);
    return transaction.operations().length > 0;
  }

  /** Adds one to an integer column of every row. */
  async increment<N extends keyof T & string>(table: N, column: keyof T[N] & string): Promise<void> {
    const wire = { op: 'mutate', table, where: [], mutations: [[column, '+=', 1]] };
    await this.#transact([{ wire, mustMatch: false }]);
  }

  close(): void {
    this.#closed = true;
    this.#rpc?.close();
  }

  async #change(declare: (transaction: Transaction<T>) => void): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (!this.#rpc) throw this.#away();
      const transaction = new Transaction(this.tables);
      declare(transaction);
      const operations = transaction.operations();
      if (operations.length === 0) return;
      const problem = await this.#transact(operations);
      if (!problem) return;
      if (attempt === attempts) throw conflict(`${this.#schema.database}: ${problem}`);
      await sleep(firstPauseMs * 2 ** attempt);
    }
  }

  /** Answers why the cache must be outdated, or undefined when the transaction is committed. */
  async #transact(operations: readonly Operation[]): Promise<string | undefined> {
    if (!this.#rpc) throw this.#away();
    const wire = operations.map((operation) => operation.wire);
    const results = (await this.#rpc.call('transact', [this.#schema.database, ...wire])) as Result[];
    const failed = results.find((result) => result?.error);
    if (failed) {
      const error = new OvsdbError(failed.error!, failed.details ?? '');
      if (!outdated.has(error.code)) throw error;
      return error.message;
    }
    const missed = operations.find((operation, i) => operation.mustMatch && results[i]?.count === 0);
    return missed && `${missed.wire.table as string}: the row is gone`;
  }

  #away(): Error {
    return unavailable(`${this.#schema.database} is not connected`, undefined, this.#problem);
  }

  async #keepConnected(): Promise<void> {
    for (let failures = 0; !this.#closed;) {
      const closed = Promise.withResolvers<void>();
      try {
        await this.#open(closed.resolve);
        failures = 0;
        await closed.promise;
      } catch (error) {
        this.#problem = error;
      }
      this.#rpc = undefined;
      const pause = reconnectPausesMs[Math.min(failures++, reconnectPausesMs.length - 1)]!;
      if (!this.#closed) await sleep(pause, undefined, { ref: false });
    }
  }

  async #open(closed: () => void): Promise<void> {
    // updates may arrive in one piece with the answer they follow, before that answer's promise has been seen to
    let early: Updates[] | undefined = [];
    const rpc = await JsonRpc.connect(this.#remote, {
      closed,
      notification: (method, params) => {
        if (method !== 'update2') return;
        const updates = params[1] as Updates;
        if (early) early.push(updates);
        else this.#spread(this.#take(updates, 'update'));
      },
    });
    try {
      const { database, tables, where } = this.#schema;
      const requests = Object.entries(tables).map(([name, columns]) => [
        name,
        [{ columns: Object.keys(columns), ...(where?.[name] && { where: where[name] }) }],
      ]);
      const everything = await rpc.call('monitor_cond', [database, null, Object.fromEntries(requests)]);
      const changes = this.#take(everything as Updates, 'replace');
      if (this.#closed) throw this.#away();
      this.#rpc = rpc;
      this.#synced = true;
      this.#spread(changes);
      for (const updates of early) this.#spread(this.#take(updates, 'update'));
      early = undefined;
      for (const listener of this.#syncListeners) listener();
    } catch (error) {
      rpc.close();
      throw error instanceof RpcError ? new OvsdbError('monitor', error.message) : error;
    }
  }

  #take(updates: Updates, how: 'update' | 'replace'): [string, RowChange<Columns>[]][] {
    const names = Object.keys(how === 'update' ? updates : this.#schema.tables);
    return names.map((name) => {
      const table = this.tables[name as keyof T] as unknown as Table<Columns>;
      return [name, table[how](updates[name] ?? {})];
    });
  }

  #spread(changes: readonly [string, RowChange<Columns>[]][]): void {
    for (const [name, rows] of changes)
      for (const listener of this.#listeners.get(name) ?? []) for (const row of rows) listener(row);
  }
}
