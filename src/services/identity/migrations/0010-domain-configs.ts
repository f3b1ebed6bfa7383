import type { Migration } from '#kit/db/migrations.ts';

/** Options kept for domains. The value of a sensitive one is encrypted. */
export const domainConfigsMigration: Migration = {
  name: 'identity/0010-domain-configs',
  async up(db) {
    await db.schema
      .createTable('identity_domain_options')
      .addColumn('domain_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('group_name', 'text', (c) => c.notNull())
      .addColumn('option_name', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('identity_domain_options_key', ['domain_id', 'group_name', 'option_name'])
      .execute();
  },
};
