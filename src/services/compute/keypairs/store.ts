import type { Kysely } from 'kysely';

import { changedOne } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { isUniqueViolation } from '#kit/db/errors.ts';
import { lockQuota } from '#kit/quota/quota.ts';

import { nextNumber } from '../sequences.ts';

/** A user's public key: for ssh, or a certificate for Windows Remote Management. */
export interface Keypair {
  readonly id: number;
  readonly userId: string;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly createdAt: number;
}

interface KeypairTables {
  compute_keypairs: {
    id: number;
    user_id: string;
    name: string;
    type: 'ssh' | 'x509';
    fingerprint: string;
    public_key: string;
    created_at: number;
  };
}

/** The key pairs' only SQL. */
export class KeypairStore {
  readonly #database: Database;
  readonly #db: Kysely<KeypairTables>;

  constructor(database: Database) {
    this.#database = database;
    this.#db = database.tables();
  }

  /** A user's key pairs by name; those after the name `after`. */
  async list(userId: string, page: { limit?: number; after?: string } = {}): Promise<Keypair[]> {
    let query = this.#db
      .selectFrom('compute_keypairs')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('name');
    if (page.after !== undefined) query = query.where('name', '>', page.after);
    if (page.limit !== undefined) query = query.limit(page.limit);
    return (await query.execute()).map(fromRow);
  }

  async find(userId: string, name: string): Promise<Keypair | undefined> {
    const row = await this.#db
      .selectFrom('compute_keypairs')
      .selectAll()
      .where('user_id', '=', userId)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Adds a key pair, unless the name is taken or the user has `limit` of them; -1 is without limit. */
  async insert(keypair: Omit<Keypair, 'id'>, limit: number): Promise<Keypair | 'duplicate' | 'over quota'> {
    try {
      return await this.#database.transaction<KeypairTables, Keypair | 'over quota'>(async (trx) => {
        await lockQuota(trx, this.#database.kind, 'compute', keypair.userId);
        const { count } = await trx
          .selectFrom('compute_keypairs')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('user_id', '=', keypair.userId)
          .executeTakeFirstOrThrow();
        if (limit >= 0 && count >= limit) return 'over quota';
        const id = await nextNumber(trx, 'keypairs');
        await trx
          .insertInto('compute_keypairs')
          .values({
            id,
            user_id: keypair.userId,
            name: keypair.name,
            type: keypair.type,
            fingerprint: keypair.fingerprint,
            public_key: keypair.publicKey,
            created_at: keypair.createdAt,
          })
          .execute();
        return { id, ...keypair };
      });
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      throw error;
    }
  }

  /** Removes a key pair; false when it is not there. */
  async remove(userId: string, name: string): Promise<boolean> {
    return changedOne(
      await this.#db
        .deleteFrom('compute_keypairs')
        .where('user_id', '=', userId)
        .where('name', '=', name)
        .executeTakeFirstOrThrow(),
    );
  }
}

const fromRow = (row: KeypairTables['compute_keypairs']): Keypair => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  type: row.type,
  fingerprint: row.fingerprint,
  publicKey: row.public_key,
  createdAt: row.created_at,
});
