import type { Migration } from '#kit/db/migrations.ts';

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
