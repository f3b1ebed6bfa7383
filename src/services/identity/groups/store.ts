import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import { listed, onlyIds, type Page, type TextMatch } from '../listing.ts';

/** A group of users. `extra` holds attributes a caller made up. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly description: string | null;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Groups, whose names are unique in their domain, and who is in them. A membership goes with its user and its group.
 */
export interface GroupTables {
  identity_groups: {
    id: string;
    name: string;
    domain_id: string;
    description: string | null;
    extra: string;
  };
  identity_memberships: { group_id: string; user_id: string };
}

/** Which groups are meant; `userId` asks for those a user is in. */
export interface GroupFilter {
  readonly domainId?: string;
  readonly name?: string;
  readonly userId?: string;
  readonly matches?: readonly TextMatch[];
}

type Trx = Transaction<GroupTables>;

/** The only SQL of groups and who is in them. */
export class GroupStore {
  readonly #db: Kysely<GroupTables>;

  constructor(db: Kysely<GroupTables>) {
    this.#db = db;
  }

  async list(
    filter: GroupFilter,
    page: Page = {},
    db: Kysely<GroupTables> | Trx = this.#db,
  ): Promise<Group[]> {
    let query = db.selectFrom('identity_groups').selectAll();
    if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    if (filter.userId !== undefined) {
      const { userId } = filter;
      query = query.where('id', 'in', (eb) =>
        eb.selectFrom('identity_memberships').select('group_id').where('user_id', '=', userId),
      );
    }
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<Group | undefined> {
    const row = await this.#db
      .selectFrom('identity_groups')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** The names of these groups, and which domain each is in. */
  async names(ids: readonly string[]): Promise<Map<string, { name: string; domainId: string }>> {
    const query = this.#db.selectFrom('identity_groups').select(['id', 'name', 'domain_id']);
    const rows = await onlyIds(query, ids).execute();
    return new Map(rows.map((row) => [row.id, { name: row.name, domainId: row.domain_id }]));
  }

  /** Throws a unique violation when the name is taken in the domain. */
  async insert(trx: Trx, group: Group): Promise<void> {
    await trx.insertInto('identity_groups').values(toRow(group)).execute();
  }

  /** Throws a unique violation when the name is taken in the domain. */
  async update(trx: Trx, group: Group): Promise<void> {
    const { id, ...rest } = toRow(group);
    await trx.updateTable('identity_groups').set(rest).where('id', '=', id).execute();
  }

  async remove(trx: Trx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await trx.deleteFrom('identity_groups').where('id', 'in', ids).execute();
  }

  /** The ids of the groups a user is in. */
  async idsOfUser(userId: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('identity_memberships')
      .select('group_id')
      .where('user_id', '=', userId)
      .execute();
    return rows.map((row) => row.group_id);
  }

  /** Who is in each of these groups. */
  async members(
    groupIds: readonly string[],
    db: Kysely<GroupTables> | Trx = this.#db,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const members = new Map<string, string[]>(groupIds.map((id) => [id, []]));
    if (groupIds.length === 0) return members;
    const rows = await db
      .selectFrom('identity_memberships')
      .selectAll()
      .where('group_id', 'in', groupIds)
      .orderBy('user_id')
      .execute();
    for (const row of rows) members.get(row.group_id)!.push(row.user_id);
    return members;
  }

  async hasMember(groupId: string, userId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('identity_memberships')
      .select('user_id')
      .where('group_id', '=', groupId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Puts a user into a group; being in it already is no matter. */
  async addMember(trx: Trx, groupId: string, userId: string): Promise<void> {
    await trx
      .insertInto('identity_memberships')
      .values({ group_id: groupId, user_id: userId })
      .onConflict((c) => c.doNothing())
      .execute();
  }

  async removeMember(trx: Trx, groupId: string, userId: string): Promise<void> {
    await trx
      .deleteFrom('identity_memberships')
      .where('group_id', '=', groupId)
      .where('user_id', '=', userId)
      .execute();
  }
}

const fromRow = (row: GroupTables['identity_groups']): Group => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id,
  description: row.description,
  extra: fromJson(row.extra),
});

const toRow = (group: Group): GroupTables['identity_groups'] => ({
  id: group.id,
  name: group.name,
  domain_id: group.domainId,
  description: group.description,
  extra: toJson(group.extra),
});
