import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type LimitNode,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

import { Mutex } from './mutex.ts';

/** How an embedded database is opened. */
export interface SqliteOptions {
  /** Absolute path of the file; made when missing, with mode 0600 by the process's umask. */
  path: string;
  /** `full` fsyncs each commit, so that a 2xx is on disk; `off` is for tests that never lose power. */
  sync: 'full' | 'off';
}

/** Queries that leave the schema as it is. */
const rowQueries: ReadonlySet<string> = new Set([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
]);

const statementLimit = 1000;
const writerTimeoutMs = 30_000;

/**
 * Kysely on node:sqlite. One connection writes, under a mutex held for a whole transaction; another reads, so that a
 * list never waits for a transaction that awaits something. Both are synchronous underneath: a query costs no thread.
 */
export class SqliteDialect implements Dialect {
  readonly #options: SqliteOptions;
  constructor(options: SqliteOptions) {
    this.#options = options;
  }
  createAdapter = () => new TwoConnectionAdapter();
  createQueryCompiler = () => new StableLimitCompiler();
  createIntrospector: Dialect['createIntrospector'] = (db) => new SqliteIntrospector(db);
  createDriver = (): Driver => new SqliteDriver(this.#options);
}

/**
 * Writes limits as expressions. SQLite looks at the value of a bare parameter there when it prepares a statement, and so
 * would prepare it anew for every call.
 */
class StableLimitCompiler extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    this.append('limit 0 + ');
    this.visitNode(node.limit);
  }
}

/** Tells Kysely not to queue every query behind one connection: the driver below keeps writers apart itself. */
class TwoConnectionAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #options: SqliteOptions;
  readonly #lock = new Mutex(writerTimeoutMs, 'the database writer');
  #writer!: Handle;
  #reader!: Handle;

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    this.#writer = new Handle(this.#options, false);
    this.#reader = new Handle(this.#options, true);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteConnection(this.#writer, this.#reader, this.#lock);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteConnection).finish('COMMIT');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteConnection).finish('ROLLBACK');
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#reader?.close();
    this.#writer?.close();
  }
}

/** A logical connection: outside a transaction it reads beside the writer and locks for each single write. */
class SqliteConnection implements DatabaseConnection {
  readonly #writer: Handle;
  readonly #reader: Handle;
  readonly #lock: Mutex;
  #release: (() => void) | undefined;

  constructor(writer: Handle, reader: Handle, lock: Mutex) {
    this.#writer = writer;
    this.#reader = reader;
    this.#lock = lock;
  }

  async begin(): Promise<void> {
    this.#release = await this.#lock.acquire();
    try {
      this.#writer.exec('BEGIN IMMEDIATE');
    } catch (error) {
      this.#release();
      this.#release = undefined;
      throw error;
    }
  }

  finish(statement: 'COMMIT' | 'ROLLBACK'): void {
    try {
      // a failed statement (disk full) may have rolled the transaction back already
      if (statement === 'COMMIT' || this.#writer.inTransaction) this.#writer.exec(statement);
    } catch (error) {
      if (this.#writer.inTransaction) this.#writer.exec('ROLLBACK');
      throw error;
    } finally {
      this.#release?.();
      this.#release = undefined;
    }
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#release) return this.#write<R>(query);
    if (query.query.kind === 'SelectQueryNode') return this.#reader.run<R>(query);
    const release = await this.#lock.acquire();
    try {
      return this.#write<R>(query);
    } finally {
      release();
    }
  }

  #write<R>(query: CompiledQuery): QueryResult<R> {
    const result = this.#writer.run<R>(query);
    // what was prepared may answer other columns now
    if (!rowQueries.has(query.query.kind)) for (const handle of [this.#writer, this.#reader]) handle.forget();
    return result;
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming queries are not used: lists are paged');
  }
}

/** One SQLite connection and its prepared statements. */
class Handle {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor(options: SqliteOptions, readOnly: boolean) {
    this.#db = new DatabaseSync(options.path, { readOnly, timeout: writerTimeoutMs });
    if (readOnly) return;
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec(`PRAGMA synchronous = ${options.sync === 'full' ? 'FULL' : 'OFF'}`);
    this.#db.exec('PRAGMA foreign_keys = ON');
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  exec(statement: string): void {
    this.#db.exec(statement);
  }

  run<R>(query: CompiledQuery): QueryResult<R> {
    const prepared = this.#prepare(query.sql);
    const { statement } = prepared;
    const parameters = query.parameters as SQLInputValue[];
    if (prepared.returnsRows) {
      const rows = statement.all(...parameters) as unknown as Values[];
      // only having run it, SQLite has seen what another connection did to the schema
      prepared.toRow ??= rowMaker(statement.columns().map(({ name }) => name));
      return { rows: rows.map(prepared.toRow) as R[] };
    }
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  /** Forgets every prepared statement. */
  forget(): void {
    this.#statements.clear();
  }

  close(): void {
    this.forget();
    this.#db.close();
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      if (this.#statements.size >= statementLimit) this.#statements.clear();
      const statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      prepared = { statement, returnsRows: statement.columns().length > 0, toRow: undefined };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}

type Values = readonly unknown[];

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
  /** Makes a row of its values; undefined until it has run. */
  toRow: ((values: Values) => unknown) | undefined;
}

/**
 * A function that makes a row of its values. It is written out for its columns, as Ajv does for its schemas, since lists
 * cost half as much so: node:sqlite makes its own objects as dictionaries, slow to make and slow to read.
 */
const rowMaker = (columns: readonly string[]): ((values: Values) => unknown) => {
  const fields = columns.map((name, i) => `${JSON.stringify(name)}: values[${i}]`);
  // oxlint-disable-next-line typescript/no-implied-eval -- column names are quoted, values stay parameters
  return new Function('values', `return { ${fields.join(', ')} };`) as (values: Values) => unknown;
};
