import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit, fromJson, toJson } from '#kit/db/columns.ts';

import type { GroupTables } from '../groups/store.ts';
import { listed, onlyIds, type Page, type TextMatch } from '../listing.ts';

/** A user. Its password's hash is kept apart, so that it never reaches a view. `extra` holds attributes a caller made up. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly enabled: boolean;
  readonly defaultProjectId: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Users, whose names are unique in their domain. `password_hash` is bcrypt's `$2b$…`, null without a password; the
 * default project need not exist.
 */
export interface UserTables {
  identity_users: {
    id: string;
    name: string;
    domain_id: string;
    enabled: Bit;
    default_project_id: string | null;
    password_hash: string | null;
    options: string;
    extra: string;
  };
}

/** Which users are meant; `groupId` asks for those in a group. */
export interface UserFilter {
  readonly domainId?: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly groupId?: string;
  readonly matches?: readonly TextMatch[];
}

type Trx = Transaction<UserTables & GroupTables>;

/** The users' only SQL. */
export class UserStore {
  readonly #db: Kysely<UserTables & GroupTables>;

  constructor(db: Kysely<UserTables & GroupTables>) {
    this.#db = db;
  }

  async list(
    filter: UserFilter,
    page: Page = {},
    db: Kysely<UserTables & GroupTables> | Trx = this.#db,
  ): Promise<User[]> {
    let query = db.selectFrom('identity_users').selectAll();
    if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId);
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    if (filter.enabled !== undefined) query = query.where('enabled', '=', bit(filter.enabled));
    if (filter.groupId !== undefined) {
      const { groupId } = filter;
      query = query.where('id', 'in', (eb) =>
        eb.selectFrom('identity_memberships').select('user_id').where('group_id', '=', groupId),
      );
    }
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<User | undefined> {
    const row = await this.#db
      .selectFrom('identity_users')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async findByName(domainId: string, name: string): Promise<User | undefined> {
    const row = await this.#db
      .selectFrom('identity_users')
      .selectAll()
      .where('domain_id', '=', domainId)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** The hash of a user's password; null when there is no password. */
  async passwordHash(id: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('identity_users')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.password_hash ?? null;
  }

  /** The names of these users, and which domain each is in. */
  async names(ids: readonly string[]): Promise<Map<string, { name: string; domainId: string }>> {
    const query = this.#db.selectFrom('identity_users').select(['id', 'name', 'domain_id']);
    const rows = await onlyIds(query, ids).execute();
    return new Map(rows.map((row) => [row.id, { name: row.name, domainId: row.domain_id }]));
  }

  /** Throws a unique violation when the name is taken in the domain. */
  async insert(trx: Trx, user: User, passwordHash: string | null): Promise<void> {
    await trx
      .insertInto('identity_users')
      .values({ ...toRow(user), password_hash: passwordHash })
      .execute();
  }

  /** Throws a unique violation when the name is taken in the domain. */
  async update(trx: Trx, user: User): Promise<void> {
    const { id, ...rest } = toRow(user);
    await trx.updateTable('identity_users').set(rest).where('id', '=', id).execute();
  }

  async setPasswordHash(trx: Trx, id: string, hash: string | null): Promise<void> {
    await trx.updateTable('identity_users').set({ password_hash: hash }).where('id', '=', id).execute();
  }

  async remove(trx: Trx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await trx.deleteFrom('identity_users').where('id', 'in', ids).execute();
  }

  /** Forgets a project that was some users' default. */
  async unsetDefaultProject(trx: Trx, projectIds: readonly string[]): Promise<void> {
    if (projectIds.length === 0) return;
    await trx
      .updateTable('identity_users')
      .set({ default_project_id: null })
      .where('default_project_id', 'in', projectIds)
      .execute();
  }
}

const fromRow = (row: UserTables['identity_users']): User => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id,
  enabled: row.enabled === 1,
  defaultProjectId: row.default_project_id,
  options: fromJson(row.options),
  extra: fromJson(row.extra),
});

const toRow = (user: User): Omit<UserTables['identity_users'], 'password_hash'> => ({
  id: user.id,
  name: user.name,
  domain_id: user.domainId,
  enabled: bit(user.enabled),
  default_project_id: user.defaultProjectId,
  options: toJson(user.options),
  extra: toJson(user.extra),
});
