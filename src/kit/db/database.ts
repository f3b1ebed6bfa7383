import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { Pool } from 'pg';

import { SqliteDialect } from './sqlite.ts';

/** A transaction of any service, for what is written along with its caller's rows (a saga, a quota check). */
export type AnyTransaction = Transaction<any>; // eslint-disable-line typescript/no-explicit-any

/** Where rows live: an embedded file, or PostgreSQL when several control processes share it. */
export type DatabaseOptions =
  | { kind: 'sqlite'; path: string; sync?: 'full' | 'off' }
  | { kind: 'postgres'; url: string; poolSize?: number };

/**
 * The database of a control process. Every service sees its own tables through {@link tables}; SQL lives in
 * `store.ts` files only.
 */
export class Database {
  readonly kind: DatabaseOptions['kind'];
  readonly #kysely: Kysely<unknown>;
  /** What to do once a transaction under way is on disk. */
  readonly #afterwards = new WeakMap<AnyTransaction, (() => void)[]>();

  private constructor(kind: DatabaseOptions['kind'], kysely: Kysely<unknown>) {
    this.kind = kind;
    this.#kysely = kysely;
  }

  static async open(options: DatabaseOptions): Promise<Database> {
    const dialect =
      options.kind === 'sqlite'
        ? new SqliteDialect({ path: options.path, sync: options.sync ?? 'full' })
        : new PostgresDialect({ pool: await newPool(options) });
    const database = new Database(options.kind, new Kysely<unknown>({ dialect }));
    await sql`select 1`.execute(database.#kysely);
    return database;
  }

  /** The database as seen by one service: only its own tables have types. */
  tables<Tables>(): Kysely<Tables> {
    return this.#kysely as unknown as Kysely<Tables>;
  }

  /** Runs `work` in one transaction: all of it is on disk when this resolves, none of it when it throws. */
  async transaction<Tables, Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    const afterwards: (() => void)[] = [];
    const result = await (this.#kysely as unknown as Kysely<Tables>).transaction().execute((trx) => {
      this.#afterwards.set(trx, afterwards);
      return work(trx);
    });
    for (const action of afterwards) action();
    return result;
  }

  /** Does something, which must not throw, once a {@link transaction} is on disk; never when that fails. */
  onceCommitted(trx: AnyTransaction, action: () => void): void {
    const afterwards = this.#afterwards.get(trx);
    if (!afterwards) throw new Error('this is not a transaction of this database');
    afterwards.push(action);
  }

  async close(): Promise<void> {
    await this.#kysely.destroy();
  }
}

async function newPool(options: { url: string; poolSize?: number }): Promise<Pool> {
  // most clouds have no use for it
  const { default: pg } = await import('pg');
  // count(*) and bigint timestamps arrive as strings otherwise; all of ours fit a double
  pg.types.setTypeParser(20, Number);
  return new pg.Pool({ connectionString: options.url, max: options.poolSize ?? 10 });
}
