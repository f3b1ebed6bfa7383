import type { Migration } from '#kit/db/migrations.ts';

/** Limits that differ from the configured ones: of a class, of a project, or of one user in a project. */
export const quotasMigration: Migration = {
  name: 'compute/0004-quotas',
  async up(db) {
    await db.schema
      .createTable('compute_quotas')
      .addColumn('kind', 'text', (c) => c.notNull())
      // name of the class or id of the project
      .addColumn('owner', 'text', (c) => c.notNull())
      // empty unless the kind is user
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('resource', 'text', (c) => c.notNull())
      .addColumn('hard_limit', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_quotas_pk', ['kind', 'owner', 'user_id', 'resource'])
      .execute();
  },
};
