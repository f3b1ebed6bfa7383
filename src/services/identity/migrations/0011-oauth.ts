import type { Migration } from '#kit/db/migrations.ts';

/** OAuth 1: consumers, what they ask for, and what users granted them. All of it goes with its consumer, user and project. */
export const oauthMigration: Migration = {
  name: 'identity/0011-oauth',
  async up(db) {
    await db.schema
      .createTable('identity_oauth_consumers')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('description', 'text')
      .addColumn('encrypted_secret', 'text', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('identity_oauth_request_tokens')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('consumer_id', 'text', (c) =>
        c.notNull().references('identity_oauth_consumers.id').onDelete('cascade'),
      )
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('encrypted_secret', 'text', (c) => c.notNull())
      .addColumn('verifier', 'text')
      .addColumn('user_id', 'text', (c) => c.references('identity_users.id').onDelete('cascade'))
      .addColumn('role_ids', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint')
      .execute();
    await db.schema
      .createTable('identity_oauth_access_tokens')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('consumer_id', 'text', (c) =>
        c.notNull().references('identity_oauth_consumers.id').onDelete('cascade'),
      )
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('encrypted_secret', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull().references('identity_users.id').onDelete('cascade'))
      .addColumn('role_ids', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint')
      .execute();
    for (const table of ['identity_oauth_request_tokens', 'identity_oauth_access_tokens'])
      for (const column of ['consumer_id', 'project_id', 'user_id'])
        await db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute();
  },
};
