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

import { LogSync, syncOf } from './log-sync.ts';
import { Mutex } from './mutex.ts';

/** How an embedded database is opened. */
export interface SqliteOptions {
  /** Absolute path of the file; made when missing, with mode 0600 by the process's umask. */
  path: string;
  /** `full` waits until a commit is on disk before it is reported; `off` is for tests that never lose power. */
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
  #log!: LogSync;
  #closeLog = (): void => {};

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    const { path, sync } = this.#options;
    this.#writer = new Handle(path, false);
    this.#reader = new Handle(path, true);
    if (sync === 'off') {
      this.#writer.exec('PRAGMA synchronous = OFF');
      this.#log = new LogSync((done) => done(null));
      return;
    }
    // the first transaction makes the file of the log
    for (const statement of ['BEGIN IMMEDIATE', 'COMMIT']) this.#writer.exec(statement);
    const log = syncOf(`${path}-wal`);
    this.#log = new LogSync(log.sync);
    this.#closeLog = log.close;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteConnection(this.#writer, this.#reader, this.#lock, this.#log);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteConnection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteConnection).rollBack();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await this.#log?.settled();
    this.#reader?.close();
    this.#writer?.close();
    this.#closeLog();
  }
}

/** A logical connection: outside a transaction it reads beside the writer and locks for each single write. */
class SqliteConnection implements DatabaseConnection {
  readonly #writer: Handle;
  readonly #reader: Handle;
  readonly #lock: Mutex;
  readonly #log: LogSync;
  #release: (() => void) | undefined;
  #changed = false;

  constructor(writer: Handle, reader: Handle, lock: Mutex, log: LogSync) {
    this.#writer = writer;
    this.#reader = reader;
    this.#lock = lock;
    this.#log = log;
  }

  async begin(): Promise<void> {
    this.#release = await this.#lock.acquire();
    try {
      this.#writer.exec('BEGIN IMMEDIATE');
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** The next transaction may begin before this one is on disk: the log keeps their order. */
  async commit(): Promise<void> {
    try {
      this.#writer.exec('COMMIT');
      if (this.#changed) this.#log.wrote();
    } catch (error) {
      if (this.#writer.inTransaction) this.#writer.exec('ROLLBACK');
      throw error;
    } finally {
      this.#end();
    }
    await this.#log.settled();
  }

  rollBack(): void {
    if (!this.#release) return;
    try {
      // a failed statement (disk full) may have rolled the transaction back already
      if (this.#writer.inTransaction) this.#writer.exec('ROLLBACK');
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#release?.();
    this.#release = undefined;
    this.#changed = false;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#release) return this.#write<R>(query);
    if (query.query.kind === 'SelectQueryNode') return this.#reader.run<R>(query);
    const result = await this.#writeAlone<R>(query);
    await this.#log.settled();
    return result;
  }

  async #writeAlone<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const release = await this.#lock.acquire();
    try {
      const result = this.#write<R>(query);
      this.#log.wrote();
      return result;
    } finally {
      release();
    }
  }

  #write<R>(query: CompiledQuery): QueryResult<R> {
    const { kind } = query.query;
    const result = this.#writer.run<R>(query);
    if (kind !== 'SelectQueryNode') this.#changed = true;
    // what was prepared may answer other columns now
    if (!rowQueries.has(kind)) for (const handle of [this.#writer, this.#reader]) handle.forget();
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

  constructor(path: string, readOnly: boolean) {
    this.#db = new DatabaseSync(path, { readOnly, timeout: writerTimeoutMs });
    if (readOnly) return;
    this.#db.exec('PRAGMA journal_mode = WAL');
    this.#db.exec('PRAGMA synchronous = NORMAL');
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
