import type { Kysely, Transaction } from 'kysely';

/** One kind of request an application credential may make: `GET` of `/v2.1/servers` at `compute`. */
export interface AccessRule {
  readonly id: string;
  readonly userId: string;
  readonly service: string;
  readonly path: string;
  readonly method: string;
}

/**
 * Rows of access rules. One user has each service, path and method only once, so that application credentials share
 * them.
 */
export interface AccessRuleTables {
  identity_access_rules: { id: string; user_id: string; service: string; path: string; method: string };
}

/** Exact values to list a user's rules by: the filters of `GET /v3/users/{user_id}/access_rules`. */
export interface AccessRuleFilter {
  readonly service?: string;
  readonly path?: string;
  readonly method?: string;
}

type Trx = Transaction<AccessRuleTables>;

/** The access rules' only SQL. */
export class AccessRuleStore {
  readonly #db: Kysely<AccessRuleTables>;

  constructor(db: Kysely<AccessRuleTables>) {
    this.#db = db;
  }

  async list(
    userId: string,
    filter: AccessRuleFilter,
    db: Kysely<AccessRuleTables> | Trx = this.#db,
  ): Promise<AccessRule[]> {
    let query = db.selectFrom('identity_access_rules').selectAll().where('user_id', '=', userId);
    if (filter.service !== undefined) query = query.where('service', '=', filter.service);
    if (filter.path !== undefined) query = query.where('path', '=', filter.path);
    if (filter.method !== undefined) query = query.where('method', '=', filter.method);
    return (await query.orderBy('id').execute()).map(fromRow);
  }

  async find(id: string): Promise<AccessRule | undefined> {
    const row = await this.#db
      .selectFrom('identity_access_rules')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async insert(trx: Trx, rule: AccessRule): Promise<void> {
    await trx.insertInto('identity_access_rules').values(toRow(rule)).execute();
  }

  /** Deletes a rule. Throws a foreign key violation while an application credential uses it. */
  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_access_rules').where('id', '=', id).execute();
  }

  /** Deletes all rules of these users, whose application credentials must be gone already. */
  async removeOfUsers(trx: Trx, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    await trx.deleteFrom('identity_access_rules').where('user_id', 'in', userIds).execute();
  }
}

const fromRow = (row: AccessRuleTables['identity_access_rules']): AccessRule => ({
  id: row.id,
  userId: row.user_id,
  service: row.service,
  path: row.path,
  method: row.method,
});

const toRow = (rule: AccessRule): AccessRuleTables['identity_access_rules'] => ({
  id: rule.id,
  user_id: rule.userId,
  service: rule.service,
  path: rule.path,
  method: rule.method,
});
