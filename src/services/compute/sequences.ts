import type { Transaction } from 'kysely';

import type { AnyTransaction } from '#kit/db/database.ts';

/** Counters for nouns whose ids the old API shows as integers. */
export interface SequenceTables {
  compute_sequences: { name: string; value: number };
}

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
