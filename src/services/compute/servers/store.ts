import type { Kysely, SelectQueryBuilder, Transaction } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { changedOne } from '#kit/db/columns.ts';
import { afterMarker, type SortKey } from '#kit/db/keyset.ts';

import { nextNumber } from '../sequences.ts';
import { fromRow, type ServerRow, toColumns, toRow } from './row.ts';
import type { Server, TaskState, VmState } from './server.ts';

/** The table that other stores join for hosts, group members and usage. */
export interface ServerTables {
  compute_servers: ServerRow;
}

type Db = Kysely<ServerTables> | Transaction<ServerTables>;

/** Which servers a list holds. Left out: no restriction. */
export interface ServerFilter {
  readonly ids?: readonly string[];
  readonly projectId?: string;
  readonly userId?: string;
  readonly host?: string;
  readonly imageRef?: string;
  readonly flavorId?: string;
  readonly locked?: boolean;
  readonly vmStates?: readonly VmState[];
  readonly taskStates?: readonly TaskState[];
  /** Only servers that exist, only deleted ones, or both. */
  readonly deleted: 'no' | 'only' | 'too';
  /** Milliseconds, both inclusive. */
  readonly changedSince?: number;
  readonly changedBefore?: number;
}

/** A part of a list in a certain order. */
export interface ServerPage {
  readonly sort: readonly SortKey[];
  /** The row before the first one wanted. */
  readonly after?: ServerRow;
  readonly limit: number;
}

/** What a project, or one user in it, uses: counted, never kept. */
export interface ServerUsage {
  readonly instances: number;
  readonly cores: number;
  readonly ram: number;
}

/** The servers' only SQL. Rows of deleted servers stay until they are purged. */
export class ServerStore {
  readonly #db: Kysely<ServerTables>;
  readonly #clock: Clock;

  constructor(db: Kysely<ServerTables>, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** A server that exists; deleted ones only when asked for. */
  async find(id: string, options: { deleted?: boolean } = {}): Promise<Server | undefined> {
    const row = await this.findRow(id);
    return row && (row.deleted_at === null || options.deleted) ? fromRow(row) : undefined;
  }

  /** The row of a server, deleted or not: where a list goes on. */
  findRow(id: string): Promise<ServerRow | undefined> {
    return this.#db.selectFrom('compute_servers').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** The number of the next server; none is given twice. */
  nextNumber(trx: Transaction<ServerTables>): Promise<number> {
    return nextNumber(trx, 'servers');
  }

  async insert(trx: Transaction<ServerTables>, server: Server): Promise<void> {
    await trx.insertInto('compute_servers').values(toRow(server)).execute();
  }

  async listRows(filter: ServerFilter, page: ServerPage): Promise<ServerRow[]> {
    const query = this.#filtered(filter).selectAll();
    return (await afterMarker(query, page.sort, asMarker(page.after))
      .limit(page.limit)
      .execute()) as ServerRow[];
  }

  /** Only what the short list shows. */
  async listBrief(filter: ServerFilter, page: ServerPage): Promise<Pick<Server, 'id' | 'name'>[]> {
    const query = this.#filtered(filter).select(['id', 'name']);
    return afterMarker(query, page.sort, asMarker(page.after)).limit(page.limit).execute();
  }

  async list(filter: ServerFilter): Promise<Server[]> {
    const rows = await this.#filtered(filter).selectAll().orderBy('number').execute();
    return rows.map(fromRow);
  }

  async ids(filter: ServerFilter): Promise<string[]> {
    return (await this.#filtered(filter).select('id').execute()).map((row) => row.id);
  }

  /** How many servers each host has, and how many of them something is being done to. */
  async countByHost(): Promise<Map<string, { servers: number; busy: number }>> {
    const rows = await this.#db
      .selectFrom('compute_servers')
      .select(['host', (eb) => eb.fn.countAll<number>().as('servers')])
      .select((eb) => eb.fn.count<number>('task_state').as('busy'))
      .where('deleted_at', 'is', null)
      .where('host', 'is not', null)
      .groupBy('host')
      .execute();
    return new Map(rows.map(({ host, servers, busy }) => [host!, { servers, busy }]));
  }

  /** What a project, or one user in it, uses now. Inside a transaction it sees what that transaction inserted. */
  async usage(projectId: string, userId?: string, db: Db = this.#db): Promise<ServerUsage> {
    let query = db
      .selectFrom('compute_servers')
      .select((eb) => [
        eb.fn.countAll<number>().as('instances'),
        eb.fn.coalesce(eb.fn.sum<number>('vcpus'), eb.lit(0)).as('cores'),
        eb.fn.coalesce(eb.fn.sum<number>('memory_mb'), eb.lit(0)).as('ram'),
      ])
      .where('project_id', '=', projectId)
      .where('deleted_at', 'is', null);
    if (userId !== undefined) query = query.where('user_id', '=', userId);
    const row = await query.executeTakeFirstOrThrow();
    return row;
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
    let query = db
      .updateTable('compute_servers')
      .set(toColumns({ updatedAt: this.#clock.now(), ...changes }))
      .where('id', '=', id);
    for (const [column, value] of Object.entries(toColumns(expected))) {
      query = query.where(column as keyof ServerRow, value === null ? 'is' : '=', value);
    }
    return changedOne(await query.executeTakeFirstOrThrow());
  }

  /** Keeps the password a guest posted, unless it posted one before: then false. */
  async keepPassword(id: string, password: string): Promise<boolean> {
    for (let tries = 0; tries < 20; tries++) {
      const server = await this.find(id);
      if (!server || server.systemMetadata.password) return false;
      const { systemMetadata } = server;
      const changes = { systemMetadata: { ...systemMetadata, password } };
      // somebody else may have changed another of the notes
      if (await this.update(id, changes, { systemMetadata, deletedAt: null })) return true;
    }
    return false;
  }

  /** Forgets servers that were deleted before `before`; answers their ids. */
  async purge(before: number, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('compute_servers')
      .select('id')
      .where('deleted_at', '<', before)
      .orderBy('deleted_at')
      .limit(limit)
      .execute();
    const ids = rows.map((row) => row.id);
    if (ids.length > 0) await this.#db.deleteFrom('compute_servers').where('id', 'in', ids).execute();
    return ids;
  }

  #filtered(filter: ServerFilter): SelectQueryBuilder<ServerTables, 'compute_servers', object> {
    let query = this.#db.selectFrom('compute_servers');
    if (filter.deleted === 'no') query = query.where('deleted_at', 'is', null);
    if (filter.deleted === 'only') query = query.where('deleted_at', 'is not', null);
    const exact = {
      project_id: filter.projectId,
      user_id: filter.userId,
      host: filter.host,
      image_ref: filter.imageRef,
      flavor_id: filter.flavorId,
    };
    for (const [column, value] of Object.entries(exact))
      if (value !== undefined) query = query.where(column as keyof typeof exact, '=', value);
    if (filter.locked !== undefined) query = query.where('locked', '=', filter.locked ? 1 : 0);
    if (filter.ids) query = query.where('id', 'in', filter.ids);
    if (filter.vmStates) query = query.where('vm_state', 'in', filter.vmStates);
    if (filter.taskStates) query = query.where('task_state', 'in', filter.taskStates);
    if (filter.changedSince !== undefined) query = query.where('updated_at', '>=', filter.changedSince);
    if (filter.changedBefore !== undefined) query = query.where('updated_at', '<=', filter.changedBefore);
    return query;
  }
}

const asMarker = (row: ServerRow | undefined) => row as Readonly<Record<string, unknown>> | undefined;
