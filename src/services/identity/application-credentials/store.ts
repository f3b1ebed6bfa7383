import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit } from '#kit/db/columns.ts';

import type { AccessRule, AccessRuleTables } from '../access-rules/store.ts';
import { type Micros, microsOf } from '../expiry.ts';
import { listed, type Page } from '../listing.ts';

/** A secret by which a program acts as its user in one project, with some of the user's roles there. */
export interface ApplicationCredential {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly projectId: string;
  readonly description: string | null;
  /** Microseconds since the epoch, as exactly as it was given; null for one that never ends. */
  readonly expiresAtMicros: Micros | null;
  /** Whether it may make and delete other application credentials. */
  readonly unrestricted: boolean;
  readonly roleIds: readonly string[];
  /** The only requests it may make; empty when it may make any. */
  readonly accessRules: readonly AccessRule[];
}

/**
 * Application credentials, with their roles and access rules as rows of their own. A user, project or role that is
 * deleted takes its rows along; an access rule cannot be deleted while one refers to it.
 */
export interface ApplicationCredentialTables {
  identity_application_credentials: {
    id: string;
    name: string;
    user_id: string;
    project_id: string;
    secret_hash: string;
    description: string | null;
    expires_at_micros: Micros | null;
    unrestricted: Bit;
  };
  identity_application_credential_roles: { application_credential_id: string; role_id: string };
  identity_application_credential_access_rules: {
    application_credential_id: string;
    access_rule_id: string;
  };
}

/** Exact values; a name is only unique to its user. */
export interface ApplicationCredentialFilter {
  readonly id?: string;
  readonly userId?: string;
  readonly name?: string;
}

type Tables = ApplicationCredentialTables & AccessRuleTables;
type Trx = Transaction<Tables>;
type Row = ApplicationCredentialTables['identity_application_credentials'];
type ReadRow = Omit<Row, 'secret_hash' | 'expires_at_micros'> & { expires_at_micros: string | null };

/** The application credentials' only SQL. */
export class ApplicationCredentialStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async list(filter: ApplicationCredentialFilter, page: Page = {}): Promise<ApplicationCredential[]> {
    let query = this.#db
      .selectFrom('identity_application_credentials')
      .select(['id', 'name', 'user_id', 'project_id', 'description', 'unrestricted'])
      .select((eb) => eb.cast<string | null>('expires_at_micros', 'text').as('expires_at_micros'));
    if (filter.id !== undefined) query = query.where('id', '=', filter.id);
    if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    return this.#complete(await listed(query, [], page).execute());
  }

  async find(id: string): Promise<ApplicationCredential | undefined> {
    return (await this.list({ id }))[0];
  }

  async secretHash(id: string): Promise<string | null> {
    const row = await this.#db
      .selectFrom('identity_application_credentials')
      .select('secret_hash')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.secret_hash ?? null;
  }

  /** Inserts with its roles and access rules, which must exist. Throws a unique violation when the user has one of the name. */
  async insert(trx: Trx, credential: ApplicationCredential, secretHash: string): Promise<void> {
    const id = credential.id;
    await trx.insertInto('identity_application_credentials').values(toRow(credential, secretHash)).execute();
    if (credential.roleIds.length > 0) {
      await trx
        .insertInto('identity_application_credential_roles')
        .values(credential.roleIds.map((role) => ({ application_credential_id: id, role_id: role })))
        .execute();
    }
    if (credential.accessRules.length > 0) {
      await trx
        .insertInto('identity_application_credential_access_rules')
        .values(
          credential.accessRules.map((rule) => ({ application_credential_id: id, access_rule_id: rule.id })),
        )
        .execute();
    }
  }

  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_application_credentials').where('id', '=', id).execute();
  }

  async removeOfUsers(trx: Trx, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    await trx.deleteFrom('identity_application_credentials').where('user_id', 'in', userIds).execute();
  }

  async removeOfUserInProject(trx: Trx, userId: string, projectId: string): Promise<void> {
    await trx
      .deleteFrom('identity_application_credentials')
      .where('user_id', '=', userId)
      .where('project_id', '=', projectId)
      .execute();
  }

  async #complete(rows: readonly ReadRow[]): Promise<ApplicationCredential[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const roles = await this.#db
      .selectFrom('identity_application_credential_roles')
      .selectAll()
      .where('application_credential_id', 'in', ids)
      .orderBy('role_id')
      .execute();
    const rules = await this.#db
      .selectFrom('identity_application_credential_access_rules as link')
      .innerJoin('identity_access_rules as rule', 'rule.id', 'link.access_rule_id')
      .select([
        'link.application_credential_id as credential_id',
        'rule.id',
        'rule.user_id',
        'rule.service',
        'rule.path',
        'rule.method',
      ])
      .where('link.application_credential_id', 'in', ids)
      .orderBy('rule.id')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      userId: row.user_id,
      projectId: row.project_id,
      description: row.description,
      expiresAtMicros: microsOf(row.expires_at_micros),
      unrestricted: row.unrestricted === 1,
      roleIds: roles.filter((r) => r.application_credential_id === row.id).map((r) => r.role_id),
      accessRules: rules
        .filter((rule) => rule.credential_id === row.id)
        .map(({ id, user_id: userId, service, path, method }) => ({ id, userId, service, path, method })),
    }));
  }
}

const toRow = (credential: ApplicationCredential, secretHash: string): Row => ({
  id: credential.id,
  name: credential.name,
  user_id: credential.userId,
  project_id: credential.projectId,
  secret_hash: secretHash,
  description: credential.description,
  expires_at_micros: credential.expiresAtMicros,
  unrestricted: bit(credential.unrestricted),
});
