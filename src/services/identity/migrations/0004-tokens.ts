import type { Migration } from '#kit/db/migrations.ts';

/** What tokens are checked against: revocation events, and a counter of every change that may alter a token. */
export const tokensMigration: Migration = {
  name: 'identity/0004-tokens',
  async up(db) {
    await db.schema
      .createTable('identity_revocations')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text')
      .addColumn('project_id', 'text')
      .addColumn('domain_id', 'text')
      .addColumn('role_id', 'text')
      .addColumn('audit_id', 'text')
      .addColumn('audit_chain_id', 'text')
      .addColumn('issued_before', 'bigint', (c) => c.notNull())
      .addColumn('revoked_at', 'bigint', (c) => c.notNull())
      .execute();
    for (const column of ['issued_before', 'revoked_at']) {
      await db.schema
        .createIndex(`identity_revocations_${column}`)
        .on('identity_revocations')
        .column(column)
        .execute();
    }
    await db.schema
      .createTable('identity_revision')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('value', 'bigint', (c) => c.notNull())
      .execute();
    await db.insertInto('identity_revision').values({ id: 1, value: 0 }).execute();
  },
};
