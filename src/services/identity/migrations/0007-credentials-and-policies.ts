import type { Migration } from '#kit/db/migrations.ts';

/** Credentials of other kinds than Identity's own, their secrets encrypted; and policy documents kept for others. */
export const credentialsAndPoliciesMigration: Migration = {
  name: 'identity/0007-credentials-and-policies',
  async up(db) {
    await db.schema
      .createTable('identity_credentials')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('identity_users.id').onDelete('cascade'))
      .addColumn('project_id', 'text')
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('encrypted_blob', 'text', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .execute();
    for (const column of ['user_id', 'project_id']) {
      await db.schema
        .createIndex(`identity_credentials_${column}`)
        .on('identity_credentials')
        .columns([column, 'id'])
        .execute();
    }
    await db.schema
      .createTable('identity_policies')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('blob', 'text', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .execute();
  },
};
