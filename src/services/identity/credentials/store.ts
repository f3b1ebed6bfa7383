import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import { listed, type Page } from '../listing.ts';

/** A secret kept for a user, e.g. an EC2 key pair. Its blob is only ever stored encrypted. */
export interface Credential {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string | null;
  readonly type: string;
  readonly blob: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Rows of credentials. `encrypted_blob` is a Fernet token; credentials go with their user, and with their project
 * when that is deleted.
 */
export interface CredentialTables {
  identity_credentials: {
    id: string;
    user_id: string;
    project_id: string | null;
    type: string;
    encrypted_blob: string;
    extra: string;
  };
}

/** Exact values. */
export interface CredentialFilter {
  readonly id?: string;
  readonly userId?: string;
  readonly type?: string;
}

/** Turns secrets into what may lie on a disk, and back. */
export interface Cipher {
  encrypt(text: string): string;
  /** Throws when no key fits. */
  decrypt(text: string): string;
}

type Trx = Transaction<CredentialTables>;
type Row = CredentialTables['identity_credentials'];

/** The credentials' only SQL. */
export class CredentialStore {
  readonly #db: Kysely<CredentialTables>;
  readonly #cipher: Cipher;

  constructor(db: Kysely<CredentialTables>, cipher: Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  async list(filter: CredentialFilter, page: Page = {}): Promise<Credential[]> {
    let query = this.#db.selectFrom('identity_credentials').selectAll();
    if (filter.id !== undefined) query = query.where('id', '=', filter.id);
    if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
    if (filter.type !== undefined) query = query.where('type', '=', filter.type);
    return (await listed(query, [], page).execute()).map((row) => this.#fromRow(row));
  }

  async find(id: string): Promise<Credential | undefined> {
    return (await this.list({ id }))[0];
  }

  /** Throws a unique violation when the id is taken. */
  async insert(trx: Trx, credential: Credential): Promise<void> {
    await trx.insertInto('identity_credentials').values(this.#toRow(credential)).execute();
  }

  async update(trx: Trx, credential: Credential): Promise<void> {
    const { id, ...rest } = this.#toRow(credential);
    await trx.updateTable('identity_credentials').set(rest).where('id', '=', id).execute();
  }

  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_credentials').where('id', '=', id).execute();
  }

  async removeOfProjects(trx: Trx, projectIds: readonly string[]): Promise<void> {
    if (projectIds.length === 0) return;
    await trx.deleteFrom('identity_credentials').where('project_id', 'in', projectIds).execute();
  }

  #fromRow(row: Row): Credential {
    return {
      id: row.id,
      userId: row.user_id,
      projectId: row.project_id,
      type: row.type,
      blob: this.#cipher.decrypt(row.encrypted_blob),
      extra: fromJson(row.extra),
    };
  }

  #toRow(credential: Credential): Row {
    return {
      id: credential.id,
      user_id: credential.userId,
      project_id: credential.projectId,
      type: credential.type,
      encrypted_blob: this.#cipher.encrypt(credential.blob),
      extra: toJson(credential.extra),
    };
  }
}
