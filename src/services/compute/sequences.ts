import type { Transaction } from 'kysely';

import type { AnyTransaction } from '#kit/db/database.ts';
import type { Migration } from '#kit/db/migrations.ts';

export interface SequenceTables {
  compute_sequences: { name: string; value: number };
}

/** Counters for nouns whose ids the old API shows as integers. A number is never given twice, also after a delete. */
export const sequencesMigration: Migration = {
  name: 'compute/0001-sequences',
  async up(db) {
    await db.schema
      .createTable('compute_sequences')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'bigint', (c) => c.notNull())
      .execute();
  },
};

/** The next number of a sequence, from 1. Others wait until the transaction ends; rolled back, it is given again. */
export async function nextNumber(trx: AnyTransaction, name: string): Promise<number> {
  const row = await (trx as Transaction<SequenceTables>)
    .insertInto('compute_sequences')
    .values({ name, value: 1 })
    .onConflict((c) =>
      c.column('name').doUpdateSet((eb) => ({ value: eb('compute_sequences.value', '+', 1) })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return row.value;
}
