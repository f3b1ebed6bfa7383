import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import { listed, type Page, type TextMatch } from '../listing.ts';

/** A role; one that belongs to a domain grants nothing by itself and only implies others. */
export interface Role {
  readonly id: string;
  readonly name: string;
  /** Null for a global role. */
  readonly domainId: string | null;
  readonly description: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Whoever has the prior role has the implied one too. */
export interface Implication {
  readonly priorRoleId: string;
  readonly impliedRoleId: string;
}

/**
 * Roles, whose names are unique in their domain or among global ones, and which implies which. An implication goes
 * with either of its roles.
 */
export interface RoleTables {
  identity_roles: {
    id: string;
    name: string;
    /** Empty for a global role, since a unique index takes any number of nulls. */
    domain_id: string;
    description: string | null;
    options: string;
    extra: string;
  };
  identity_implied_roles: { prior_role_id: string; implied_role_id: string };
}

/** Which roles are meant. Without `domainId` it is global and domains' own ones. */
export interface RoleFilter {
  /** Null asks for global roles. */
  readonly domainId?: string | null;
  readonly name?: string;
  readonly matches?: readonly TextMatch[];
}

type Trx = Transaction<RoleTables>;

/** The only SQL of roles and their implications. */
export class RoleStore {
  readonly #db: Kysely<RoleTables>;

  constructor(db: Kysely<RoleTables>) {
    this.#db = db;
  }

  async list(filter: RoleFilter, page: Page = {}, db: Kysely<RoleTables> | Trx = this.#db): Promise<Role[]> {
    let query = db.selectFrom('identity_roles').selectAll();
    if (filter.domainId !== undefined) query = query.where('domain_id', '=', filter.domainId ?? '');
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<Role | undefined> {
    const row = await this.#db
      .selectFrom('identity_roles')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async implications(): Promise<Implication[]> {
    const rows = await this.#db
      .selectFrom('identity_implied_roles')
      .selectAll()
      .orderBy('prior_role_id')
      .orderBy('implied_role_id')
      .execute();
    return rows.map((r) => ({ priorRoleId: r.prior_role_id, impliedRoleId: r.implied_role_id }));
  }

  /** Throws a unique violation when the name is taken in the domain, or among the global roles. */
  async insert(trx: Trx, role: Role): Promise<void> {
    await trx.insertInto('identity_roles').values(toRow(role)).execute();
  }

  /** Throws a unique violation when the name is taken in the domain, or among the global roles. */
  async update(trx: Trx, role: Role): Promise<void> {
    const { id, ...rest } = toRow(role);
    await trx.updateTable('identity_roles').set(rest).where('id', '=', id).execute();
  }

  /** Deletes roles, and with them what they imply, what implies them and who has them. */
  async remove(trx: Trx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await trx.deleteFrom('identity_roles').where('id', 'in', ids).execute();
  }

  /** Throws a unique violation when the implication is there already. */
  async imply(trx: Trx, { priorRoleId, impliedRoleId }: Implication): Promise<void> {
    await trx
      .insertInto('identity_implied_roles')
      .values({ prior_role_id: priorRoleId, implied_role_id: impliedRoleId })
      .execute();
  }

  async unimply(trx: Trx, { priorRoleId, impliedRoleId }: Implication): Promise<void> {
    await trx
      .deleteFrom('identity_implied_roles')
      .where('prior_role_id', '=', priorRoleId)
      .where('implied_role_id', '=', impliedRoleId)
      .execute();
  }
}

const fromRow = (row: RoleTables['identity_roles']): Role => ({
  id: row.id,
  name: row.name,
  domainId: row.domain_id || null,
  description: row.description,
  options: fromJson(row.options),
  extra: fromJson(row.extra),
});

const toRow = (role: Role): RoleTables['identity_roles'] => ({
  id: role.id,
  name: role.name,
  domain_id: role.domainId ?? '',
  description: role.description,
  options: toJson(role.options),
  extra: toJson(role.extra),
});
