import type { Migration } from '#kit/db/migrations.ts';

/** Key pairs belong to users, not to projects. */
export const keypairsMigration: Migration = {
  name: 'compute/0007-keypairs',
  async up(db) {
    await db.schema
      .createTable('compute_keypairs')
      .addColumn('id', 'integer', (c) => c.notNull().unique())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('fingerprint', 'text', (c) => c.notNull())
      .addColumn('public_key', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_keypairs_pk', ['user_id', 'name'])
      .execute();
  },
};
