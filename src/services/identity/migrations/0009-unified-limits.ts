import { sql } from 'kysely';

import type { Migration } from '#kit/db/migrations.ts';

/** How much of what services have projects and domains may use. A domain is a row of `identity_projects` too. */
export const unifiedLimitsMigration: Migration = {
  name: 'identity/0009-unified-limits',
  async up(db) {
    await db.schema
      .createTable('identity_registered_limits')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('service_id', 'text', (c) => c.notNull().references('identity_services.id'))
      .addColumn('region_id', 'text', (c) => c.references('identity_regions.id'))
      .addColumn('resource_name', 'text', (c) => c.notNull())
      .addColumn('default_limit', 'integer', (c) => c.notNull())
      .addColumn('description', 'text')
      .execute();
    await db.schema
      .createIndex('identity_registered_limits_resource')
      .unique()
      .on('identity_registered_limits')
      .columns(['service_id', 'resource_name'])
      .expression(sql`coalesce(region_id, '')`)
      .execute();
    await db.schema
      .createTable('identity_limits')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('registered_limit_id', 'text', (c) =>
        c.notNull().references('identity_registered_limits.id'),
      )
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('resource_limit', 'integer', (c) => c.notNull())
      .addColumn('description', 'text')
      .addUniqueConstraint('identity_limits_key', ['registered_limit_id', 'project_id'])
      .execute();
    await db.schema
      .createIndex('identity_limits_project')
      .on('identity_limits')
      .column('project_id')
      .execute();
  },
};
