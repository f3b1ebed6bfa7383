import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import type { Cipher } from '../credentials/store.ts';

/** A program that may ask users for leave to act for them. */
export interface Consumer {
  readonly id: string;
  readonly description: string | null;
  /** What it signs its requests with. Only ever stored encrypted. */
  readonly secret: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Rows of consumers. `encrypted_secret` is a Fernet token: signatures are checked with the secret itself, so no hash
 * will do.
 */
export interface ConsumerTables {
  identity_oauth_consumers: {
    id: string;
    description: string | null;
    encrypted_secret: string;
    extra: string;
  };
}

type Trx = Transaction<ConsumerTables>;
type Row = ConsumerTables['identity_oauth_consumers'];

/** The consumers' only SQL. */
export class ConsumerStore {
  readonly #db: Kysely<ConsumerTables>;
  readonly #cipher: Cipher;

  constructor(db: Kysely<ConsumerTables>, cipher: Cipher) {
    this.#db = db;
    this.#cipher = cipher;
  }

  async list(): Promise<Consumer[]> {
    const rows = await this.#db.selectFrom('identity_oauth_consumers').selectAll().orderBy('id').execute();
    return rows.map((row) => this.#fromRow(row));
  }

  async find(id: string): Promise<Consumer | undefined> {
    const row = await this.#db
      .selectFrom('identity_oauth_consumers')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && this.#fromRow(row);
  }

  async insert(trx: Trx, { id, description, secret, extra }: Consumer): Promise<void> {
    const row = { id, description, encrypted_secret: this.#cipher.encrypt(secret), extra: toJson(extra) };
    await trx.insertInto('identity_oauth_consumers').values(row).execute();
  }

  /** Changes all but the secret. */
  async update(trx: Trx, { id, description, extra }: Consumer): Promise<void> {
    await trx
      .updateTable('identity_oauth_consumers')
      .set({ description, extra: toJson(extra) })
      .where('id', '=', id)
      .execute();
  }

  /** Deletes a consumer, and with it all it asked for and was granted. */
  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_oauth_consumers').where('id', '=', id).execute();
  }

  #fromRow(row: Row): Consumer {
    return {
      id: row.id,
      description: row.description,
      secret: this.#cipher.decrypt(row.encrypted_secret),
      extra: fromJson(row.extra),
    };
  }
}
