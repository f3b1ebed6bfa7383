import type { Kysely, Transaction } from 'kysely';

import { changedOne } from '#kit/db/columns.ts';

import { fromRow, type ServerRow, toColumns, toRow } from './row.ts';
import type { Server } from './server.ts';

export interface ServerTables {
  compute_servers: ServerRow;
}

type Db = Kysely<ServerTables> | Transaction<ServerTables>;

/** The servers' only SQL. Rows of deleted servers stay until they are purged. */
export class ServerStore {
  readonly #db: Kysely<ServerTables>;

  constructor(db: Kysely<ServerTables>) {
    this.#db = db;
  }

  /** A server that exists; deleted ones only when asked for. */
  async find(id: string, options: { deleted?: boolean } = {}): Promise<Server | undefined> {
    let query = this.#db.selectFrom('compute_servers').selectAll().where('id', '=', id);
    if (!options.deleted) query = query.where('deleted_at', 'is', null);
    const row = await query.executeTakeFirst();
    return row && fromRow(row);
  }

  async insert(trx: Transaction<ServerTables>, servers: readonly Server[]): Promise<void> {
    for (const server of servers) await trx.insertInto('compute_servers').values(toRow(server)).execute();
  }

  /**
   * Changes a server if it still is as `expected` says (compare-and-set), or in any case when nothing is expected.
   * False when it is not, or is gone.
   */
  async update(
    id: string,
    changes: Partial<Server>,
    expected: Partial<Server> = {},
    db: Db = this.#db,
  ): Promise<boolean> {
    let query = db.updateTable('compute_servers').set(toColumns(changes)).where('id', '=', id);
    for (const [column, value] of Object.entries(toColumns(expected))) {
      query = query.where(column as keyof ServerRow, value === null ? 'is' : '=', value);
    }
    return changedOne(await query.executeTakeFirstOrThrow());
  }
}
