import type { Kysely, Transaction } from 'kysely';

import { changedOne } from '#kit/db/columns.ts';
import { type AnyTransaction, type Database } from '#kit/db/database.ts';
import { lockQuota } from '#kit/quota/quota.ts';

import { nextNumber } from '../sequences.ts';
import type { ServerTables } from '../servers/store.ts';

/** Whether servers run together or apart. The soft ones only weigh hosts; the hard ones leave a server without any. */
export type GroupPolicy = 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';

/** Servers that are to run together, or apart. */
export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly policy: GroupPolicy;
  /** How many servers of an anti-affinity group one host may have; null: one, and none was asked for. */
  readonly maxServerPerHost: number | null;
  readonly createdAt: number;
  /** Ids of the servers in it that are not deleted. */
  readonly members: readonly string[];
}

/** A group to be added; servers join it when they are created, and only then. */
export type NewServerGroup = Omit<ServerGroup, 'members'>;

interface GroupRow {
  number: number;
  id: string;
  name: string;
  project_id: string;
  user_id: string;
  policy: GroupPolicy;
  max_server_per_host: number | null;
  created_at: number;
}

interface GroupTables extends Pick<ServerTables, 'compute_servers'> {
  compute_server_groups: GroupRow;
  compute_server_group_members: { group_id: string; server_id: string };
}

/** The server groups' only SQL. */
export class ServerGroupStore {
  readonly #database: Database;
  readonly #db: Kysely<GroupTables>;

  constructor(database: Database) {
    this.#database = database;
    this.#db = database.tables();
  }

  /** Groups in the order they were made; of one project, or of all. */
  async list(filter: { projectId?: string; offset?: number; limit?: number }): Promise<ServerGroup[]> {
    let query = this.#db
      .selectFrom('compute_server_groups')
      .selectAll()
      .orderBy('number')
      // SQLite takes an offset only beside a limit
      .limit(filter.limit ?? Number.MAX_SAFE_INTEGER)
      .offset(filter.offset ?? 0);
    if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
    return this.#withMembers(await query.execute());
  }

  async find(id: string): Promise<ServerGroup | undefined> {
    const row = await this.#db
      .selectFrom('compute_server_groups')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && (await this.#withMembers([row]))[0];
  }

  /** How many groups a project, or one user in it, has. */
  count(projectId: string, userId?: string): Promise<number> {
    return countGroups(this.#db, projectId, userId);
  }

  /** Adds a group unless the project, or its user there, has as many as they may; -1 is without limit. */
  insert(
    group: NewServerGroup,
    limits: { readonly project: number; readonly user: number },
  ): Promise<'inserted' | 'over quota'> {
    const { projectId, userId } = group;
    return this.#database.transaction<GroupTables, 'inserted' | 'over quota'>(async (trx) => {
      await lockQuota(trx, this.#database.kind, 'compute', projectId);
      const reached = async (limit: number, user?: string) =>
        limit >= 0 && (await countGroups(trx, projectId, user)) >= limit;
      if ((await reached(limits.project)) || (await reached(limits.user, userId))) return 'over quota';
      await trx
        .insertInto('compute_server_groups')
        .values(toRow(group, await nextNumber(trx, 'server-groups')))
        .execute();
      return 'inserted';
    });
  }

  /** Removes a group; its servers stay. False when it is gone already. */
  async remove(id: string): Promise<boolean> {
    return changedOne(
      await this.#db.deleteFrom('compute_server_groups').where('id', '=', id).executeTakeFirstOrThrow(),
    );
  }

  /** Puts servers into a group, in the transaction that makes them. */
  async addMembers(trx: AnyTransaction, groupId: string, serverIds: readonly string[]): Promise<void> {
    if (serverIds.length === 0) return;
    await (trx as Transaction<GroupTables>)
      .insertInto('compute_server_group_members')
      .values(serverIds.map((id) => ({ group_id: groupId, server_id: id })))
      .onConflict((c) => c.doNothing())
      .execute();
  }

  /** How many servers of a user that are not deleted a group has: what `server_group_members` limits. */
  async countMembers(trx: AnyTransaction, groupId: string, userId: string): Promise<number> {
    const row = await (trx as Transaction<GroupTables>)
      .selectFrom('compute_server_group_members as m')
      .innerJoin('compute_servers as s', 's.id', 'm.server_id')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('m.group_id', '=', groupId)
      .where('s.user_id', '=', userId)
      .where('s.deleted_at', 'is', null)
      .executeTakeFirstOrThrow();
    return row.count;
  }

  /** The groups each of these servers is in; servers in none are left out. */
  async groupsOf(serverIds: readonly string[]): Promise<Map<string, string[]>> {
    const groups = new Map<string, string[]>();
    if (serverIds.length === 0) return groups;
    const rows = await this.#db
      .selectFrom('compute_server_group_members')
      .selectAll()
      .where('server_id', 'in', serverIds)
      .execute();
    for (const row of rows) groups.set(row.server_id, [...(groups.get(row.server_id) ?? []), row.group_id]);
    return groups;
  }

  /** Hosts that the servers of a group are on, with how many of them. Servers in `except` do not count. */
  async hostsOf(groupId: string, except: readonly string[] = []): Promise<Map<string, number>> {
    let query = this.#db
      .selectFrom('compute_server_group_members as m')
      .innerJoin('compute_servers as s', 's.id', 'm.server_id')
      .select(['s.host', (eb) => eb.fn.countAll<number>().as('count')])
      .where('m.group_id', '=', groupId)
      .where('s.deleted_at', 'is', null)
      .where('s.host', 'is not', null)
      .groupBy('s.host');
    if (except.length > 0) query = query.where('s.id', 'not in', except);
    return new Map((await query.execute()).map((row) => [row.host!, row.count]));
  }

  async #withMembers(rows: readonly GroupRow[]): Promise<ServerGroup[]> {
    if (rows.length === 0) return [];
    const members = await this.#db
      .selectFrom('compute_server_group_members as m')
      .innerJoin('compute_servers as s', 's.id', 'm.server_id')
      .select(['m.group_id', 'm.server_id'])
      .where(
        'm.group_id',
        'in',
        rows.map((row) => row.id),
      )
      .where('s.deleted_at', 'is', null)
      .orderBy('s.created_at')
      .orderBy('s.id')
      .execute();
    const byGroup = Map.groupBy(members, (m) => m.group_id);
    return rows.map((row) =>
      fromRow(
        row,
        (byGroup.get(row.id) ?? []).map((m) => m.server_id),
      ),
    );
  }
}

async function countGroups(db: Kysely<GroupTables>, projectId: string, userId?: string): Promise<number> {
  let query = db
    .selectFrom('compute_server_groups')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  return (await query.executeTakeFirstOrThrow()).count;
}

const fromRow = (row: GroupRow, members: readonly string[]): ServerGroup => ({
  id: row.id,
  name: row.name,
  projectId: row.project_id,
  userId: row.user_id,
  policy: row.policy,
  maxServerPerHost: row.max_server_per_host,
  createdAt: row.created_at,
  members,
});

const toRow = (group: NewServerGroup, number: number): GroupRow => ({
  number,
  id: group.id,
  name: group.name,
  project_id: group.projectId,
  user_id: group.userId,
  policy: group.policy,
  max_server_per_host: group.maxServerPerHost,
  created_at: group.createdAt,
});
