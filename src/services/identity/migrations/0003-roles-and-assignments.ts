import type { Migration } from '#kit/db/migrations.ts';

/** Roles, which role implies which, and who has which role where. A global role's `domain_id` is empty. */
export const rolesAndAssignmentsMigration: Migration = {
  name: 'identity/0003-roles-and-assignments',
  async up(db) {
    await db.schema
      .createTable('identity_roles')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('domain_id', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .addUniqueConstraint('identity_roles_name', ['domain_id', 'name'])
      .execute();
    await db.schema
      .createTable('identity_implied_roles')
      .addColumn('prior_role_id', 'text', (c) =>
        c.notNull().references('identity_roles.id').onDelete('cascade'),
      )
      .addColumn('implied_role_id', 'text', (c) =>
        c.notNull().references('identity_roles.id').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('identity_implied_roles_key', ['prior_role_id', 'implied_role_id'])
      .execute();
    await db.schema
      .createTable('identity_assignments')
      .addColumn('actor_type', 'text', (c) => c.notNull())
      .addColumn('actor_id', 'text', (c) => c.notNull())
      .addColumn('target_type', 'text', (c) => c.notNull())
      .addColumn('target_id', 'text', (c) => c.notNull())
      .addColumn('role_id', 'text', (c) => c.notNull().references('identity_roles.id').onDelete('cascade'))
      .addColumn('inherited', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('identity_assignments_key', [
        'actor_type',
        'actor_id',
        'target_type',
        'target_id',
        'role_id',
        'inherited',
      ])
      .execute();
    await db.schema
      .createIndex('identity_assignments_target')
      .on('identity_assignments')
      .columns(['target_type', 'target_id'])
      .execute();
    await db.schema
      .createIndex('identity_assignments_role')
      .on('identity_assignments')
      .column('role_id')
      .execute();
  },
};
