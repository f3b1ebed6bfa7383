import type { Migration } from '#kit/db/migrations.ts';

/** Trusts, and the roles each hands on. A trust goes with its users, its project, and the trust it was made from. */
export const trustsMigration: Migration = {
  name: 'identity/0006-trusts',
  async up(db) {
    await db.schema
      .createTable('identity_trusts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('trustor_user_id', 'text', (c) =>
        c.notNull().references('identity_users.id').onDelete('cascade'),
      )
      .addColumn('trustee_user_id', 'text', (c) =>
        c.notNull().references('identity_users.id').onDelete('cascade'),
      )
      .addColumn('project_id', 'text', (c) => c.references('identity_projects.id').onDelete('cascade'))
      .addColumn('impersonation', 'integer', (c) => c.notNull())
      // in microseconds, since callers get back what they gave
      .addColumn('expires_at_micros', 'bigint')
      .addColumn('remaining_uses', 'integer')
      .addColumn('redelegated_trust_id', 'text', (c) =>
        c.references('identity_trusts.id').onDelete('cascade'),
      )
      .addColumn('redelegation_count', 'integer', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .addUniqueConstraint('identity_trusts_twice', [
        'trustor_user_id',
        'trustee_user_id',
        'project_id',
        'impersonation',
        'expires_at_micros',
      ])
      .execute();
    for (const column of ['trustee_user_id', 'project_id', 'redelegated_trust_id']) {
      await db.schema.createIndex(`identity_trusts_${column}`).on('identity_trusts').column(column).execute();
    }
    await db.schema
      .createTable('identity_trust_roles')
      .addColumn('trust_id', 'text', (c) => c.notNull().references('identity_trusts.id').onDelete('cascade'))
      .addColumn('role_id', 'text', (c) => c.notNull().references('identity_roles.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('identity_trust_roles_key', ['trust_id', 'role_id'])
      .execute();
  },
};
