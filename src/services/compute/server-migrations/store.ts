import type { Kysely, Transaction } from 'kysely';

import { afterMarker, type SortKey } from '#kit/db/keyset.ts';

import { nextNumber } from '../sequences.ts';

/** How far a migration is: nova/compute's words for a resize. */
export type MigrationStatus =
  | 'pre-migrating'
  | 'migrating'
  | 'post-migrating'
  | 'finished'
  | 'confirming'
  | 'confirmed'
  | 'reverting'
  | 'reverted'
  | 'error';

/** A server on its way to another size. */
export interface ServerMigration {
  readonly id: number;
  readonly uuid: string;
  readonly serverId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly type: 'resize';
  readonly status: MigrationStatus;
  readonly sourceHost: string;
  readonly sourceNode: string;
  readonly destHost: string;
  readonly destNode: string;
  readonly destAddress: string | null;
  /** Inner ids of flavors; null for one that is gone. */
  readonly oldFlavor: number | null;
  readonly newFlavor: number | null;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

interface MigrationRow {
  id: number;
  uuid: string;
  server_id: string;
  project_id: string;
  user_id: string;
  type: string;
  status: string;
  source_host: string;
  source_node: string;
  dest_host: string;
  dest_node: string;
  dest_address: string | null;
  old_flavor: number | null;
  new_flavor: number | null;
  created_at: number;
  updated_at: number | null;
}

/** Resizes alone, one row each. At most one of a server's has not ended. */
export interface MigrationTables {
  compute_server_migrations: MigrationRow;
}

/** Which migrations a list holds. Times in milliseconds, inclusive. */
export interface MigrationFilter {
  readonly status?: readonly string[];
  /** Where it came from or goes to. */
  readonly host?: string;
  readonly sourceHost?: string;
  readonly type?: string;
  readonly serverId?: string;
  readonly userId?: string;
  readonly projectId?: string;
  readonly changedSince?: number;
  readonly changedBefore?: number;
  readonly after?: ServerMigration;
  readonly limit?: number;
}

const ended: readonly MigrationStatus[] = ['confirmed', 'reverted', 'error'];

const newestFirst: readonly SortKey[] = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
];

/** The server migrations' only SQL. */
export class ServerMigrationStore {
  readonly #db: Kysely<MigrationTables>;

  constructor(db: Kysely<MigrationTables>) {
    this.#db = db;
  }

  /** Records a migration that begins. One that never ended, its server's state having been reset, counts as failed. */
  async insert(migration: Omit<ServerMigration, 'id'>, trx: Transaction<MigrationTables>): Promise<void> {
    await this.advance(migration.serverId, 'error', migration.createdAt, trx);
    const id = await nextNumber(trx, 'server_migrations');
    await trx
      .insertInto('compute_server_migrations')
      .values(toRow({ ...migration, id }))
      .execute();
  }

  /** Notes how far a server's migration is; nothing happens to one that has ended. */
  async advance(
    serverId: string,
    status: MigrationStatus,
    now: number,
    db: Kysely<MigrationTables> = this.#db,
  ): Promise<void> {
    await db
      .updateTable('compute_server_migrations')
      .set({ status, updated_at: now })
      .where('server_id', '=', serverId)
      .where('status', 'not in', ended)
      .execute();
  }

  async find(uuid: string): Promise<ServerMigration | undefined> {
    const row = await this.#db
      .selectFrom('compute_server_migrations')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Newest first. */
  async list(filter: MigrationFilter): Promise<ServerMigration[]> {
    const { host, changedSince, changedBefore } = filter;
    let query = this.#db.selectFrom('compute_server_migrations').selectAll();
    if (filter.status) query = query.where('status', 'in', filter.status);
    if (host !== undefined)
      query = query.where((eb) => eb.or([eb('source_host', '=', host), eb('dest_host', '=', host)]));
    else if (filter.sourceHost !== undefined) query = query.where('source_host', '=', filter.sourceHost);
    if (filter.type !== undefined) query = query.where('type', '=', filter.type);
    if (filter.serverId !== undefined) query = query.where('server_id', '=', filter.serverId);
    if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
    if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
    if (changedSince !== undefined)
      query = query.where((eb) => eb(eb.fn.coalesce('updated_at', 'created_at'), '>=', changedSince));
    if (changedBefore !== undefined)
      query = query.where((eb) => eb(eb.fn.coalesce('updated_at', 'created_at'), '<=', changedBefore));
    if (filter.limit !== undefined) query = query.limit(filter.limit);
    const after = filter.after && { ...toRow(filter.after) };
    return (await afterMarker(query, newestFirst, after).execute()).map((row) =>
      fromRow(row as MigrationRow),
    );
  }

  /** Forgets the migrations of servers that were purged. */
  async purge(serverIds: readonly string[]): Promise<void> {
    if (serverIds.length === 0) return;
    await this.#db.deleteFrom('compute_server_migrations').where('server_id', 'in', serverIds).execute();
  }
}

const toRow = (migration: ServerMigration): MigrationRow => ({
  id: migration.id,
  uuid: migration.uuid,
  server_id: migration.serverId,
  project_id: migration.projectId,
  user_id: migration.userId,
  type: migration.type,
  status: migration.status,
  source_host: migration.sourceHost,
  source_node: migration.sourceNode,
  dest_host: migration.destHost,
  dest_node: migration.destNode,
  dest_address: migration.destAddress,
  old_flavor: migration.oldFlavor,
  new_flavor: migration.newFlavor,
  created_at: migration.createdAt,
  updated_at: migration.updatedAt,
});

const fromRow = (row: MigrationRow): ServerMigration => ({
  id: row.id,
  uuid: row.uuid,
  serverId: row.server_id,
  projectId: row.project_id,
  userId: row.user_id,
  type: row.type as ServerMigration['type'],
  status: row.status as MigrationStatus,
  sourceHost: row.source_host,
  sourceNode: row.source_node,
  destHost: row.dest_host,
  destNode: row.dest_node,
  destAddress: row.dest_address,
  oldFlavor: row.old_flavor,
  newFlavor: row.new_flavor,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
