import type { Migration } from '#kit/db/migrations.ts';

/** Domains and projects, users and groups. A domain is a project without a domain (`domain_id` is empty), as in Keystone. */
export const resourcesAndActorsMigration: Migration = {
  name: 'identity/0002-resources-and-actors',
  async up(db) {
    await db.schema
      .createTable('identity_projects')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('domain_id', 'text', (c) => c.notNull())
      .addColumn('parent_id', 'text')
      .addColumn('is_domain', 'integer', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .addUniqueConstraint('identity_projects_name', ['domain_id', 'name'])
      .execute();
    await db.schema
      .createIndex('identity_projects_domain')
      .on('identity_projects')
      .columns(['domain_id', 'id'])
      .execute();
    await db.schema
      .createIndex('identity_projects_parent')
      .on('identity_projects')
      .column('parent_id')
      .execute();
    await db.schema
      .createTable('identity_project_tags')
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('name', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('identity_project_tags_key', ['project_id', 'name'])
      .execute();
    await db.schema
      .createIndex('identity_project_tags_name')
      .on('identity_project_tags')
      .column('name')
      .execute();
    await db.schema
      .createTable('identity_users')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('domain_id', 'text', (c) => c.notNull())
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('default_project_id', 'text')
      .addColumn('password_hash', 'text')
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .addUniqueConstraint('identity_users_name', ['domain_id', 'name'])
      .execute();
    await db.schema
      .createIndex('identity_users_domain')
      .on('identity_users')
      .columns(['domain_id', 'id'])
      .execute();
    await db.schema
      .createIndex('identity_users_default_project')
      .on('identity_users')
      .column('default_project_id')
      .execute();
    await db.schema
      .createTable('identity_groups')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('domain_id', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('extra', 'text', (c) => c.notNull())
      .addUniqueConstraint('identity_groups_name', ['domain_id', 'name'])
      .execute();
    await db.schema
      .createIndex('identity_groups_domain')
      .on('identity_groups')
      .columns(['domain_id', 'id'])
      .execute();
    await db.schema
      .createTable('identity_memberships')
      .addColumn('group_id', 'text', (c) => c.notNull().references('identity_groups.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (c) => c.notNull().references('identity_users.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('identity_memberships_key', ['group_id', 'user_id'])
      .execute();
    await db.schema
      .createIndex('identity_memberships_user')
      .on('identity_memberships')
      .column('user_id')
      .execute();
  },
};
