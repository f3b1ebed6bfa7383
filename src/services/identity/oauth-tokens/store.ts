import type { Kysely, Transaction } from 'kysely';

import { changedOne, fromJson, toJson } from '#kit/db/columns.ts';

import type { Cipher } from '../credentials/store.ts';

interface Granted {
  readonly id: string;
  readonly consumerId: string;
  readonly projectId: string;
  /** What the consumer signs with besides its own secret. Only ever stored encrypted. */
  readonly secret: string;
  readonly roleIds: readonly string[];
  /** Milliseconds since the epoch; null for no end. */
  readonly expiresAt: number | null;
}

/** What a consumer asks for: to act for a user, who is not known yet, in a project. */
export interface RequestToken extends Granted {
  /** What the user who grants it hands to the consumer; null until then. */
  readonly verifier: string | null;
  readonly userId: string | null;
}

/** Leave for a consumer to act for a user, with some of the user's roles in a project. */
export interface AccessToken extends Granted {
  readonly userId: string;
}

interface Row {
  id: string;
  consumer_id: string;
  project_id: string;
  encrypted_secret: string;
  role_ids: string;
  expires_at: number | null;
}
type RequestRow = Row & { verifier: string | null; user_id: string | null };
type AccessRow = Row & { user_id: string };

/**
 * Requests, until they are turned into access, and access. `role_ids` is a list as JSON text, times are milliseconds
 * since the epoch; rows go with their consumer, project and user.
 */
export interface OauthTables {
  identity_oauth_request_tokens: RequestRow;
  identity_oauth_access_tokens: AccessRow;
}

type Trx = Transaction<OauthTables>;

/** The only SQL of request tokens and access tokens. */
export class OauthTokenStore {
  readonly #db: Kysely<OauthTables>;
  readonly #cipher: Cipher;

  constructor(db: Kysely<OauthTables>, cipher: Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  async findRequest(id: string): Promise<RequestToken | undefined> {
    const row = await this.#db
      .selectFrom('identity_oauth_request_tokens')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { ...this.#fromRow(row), verifier: row.verifier, userId: row.user_id };
  }

  /**
   * Adds a request, and forgets those of its consumer whose time is over. Throws a foreign key violation without the
   * consumer or the project.
   */
  async insertRequest(trx: Trx, request: RequestToken, now: number): Promise<void> {
    // first, for it holds the consumer: else who deletes that and this could wait for each other
    await trx
      .insertInto('identity_oauth_request_tokens')
      .values({ ...this.#toRow(request), verifier: request.verifier, user_id: request.userId })
      .execute();
    await trx
      .deleteFrom('identity_oauth_request_tokens')
      .where('consumer_id', '=', request.consumerId)
      .where('expires_at', '<', now)
      .execute();
  }

  /**
   * Writes down who granted a request, and what; answers whether it was still there. Throws a foreign key violation
   * without the user.
   */
  async authorize(
    trx: Trx,
    { id, verifier, userId, roleIds }: Pick<RequestToken, 'id' | 'verifier' | 'userId' | 'roleIds'>,
  ): Promise<boolean> {
    const granted = await trx
      .updateTable('identity_oauth_request_tokens')
      .set({ verifier, user_id: userId, role_ids: toJson(roleIds) })
      .where('id', '=', id)
      .executeTakeFirst();
    return changedOne(granted);
  }

  async findAccess(id: string): Promise<AccessToken | undefined> {
    const row = await this.#db
      .selectFrom('identity_oauth_access_tokens')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { ...this.#fromRow(row), userId: row.user_id };
  }

  async accessOf(userId: string): Promise<AccessToken[]> {
    const rows = await this.#db
      .selectFrom('identity_oauth_access_tokens')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('id')
      .execute();
    return rows.map((row) => ({ ...this.#fromRow(row), userId: row.user_id }));
  }

  /**
   * Turns a request into access; answers whether the request was still there, without which the transaction must not be
   * committed. Throws a foreign key violation without the consumer, the project or the user.
   */
  async exchange(trx: Trx, requestId: string, access: AccessToken): Promise<boolean> {
    const row = { ...this.#toRow(access), user_id: access.userId };
    // first, as in insertRequest
    await trx.insertInto('identity_oauth_access_tokens').values(row).execute();
    const used = await trx
      .deleteFrom('identity_oauth_request_tokens')
      .where('id', '=', requestId)
      .executeTakeFirst();
    return changedOne(used);
  }

  async removeAccess(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_oauth_access_tokens').where('id', '=', id).execute();
  }

  #fromRow(row: Row): Granted {
    return {
      id: row.id,
      consumerId: row.consumer_id,
      projectId: row.project_id,
      secret: this.#cipher.decrypt(row.encrypted_secret),
      roleIds: fromJson(row.role_ids),
      expiresAt: row.expires_at,
    };
  }

  #toRow(granted: Granted): Row {
    return {
      id: granted.id,
      consumer_id: granted.consumerId,
      project_id: granted.projectId,
      encrypted_secret: this.#cipher.encrypt(granted.secret),
      role_ids: toJson(granted.roleIds),
      expires_at: granted.expiresAt,
    };
  }
}
