import type { Migration } from '#kit/db/migrations.ts';

/** Which endpoints the catalog of a project is limited to: some by name, some by what they have in common. */
export const endpointFiltersMigration: Migration = {
  name: 'identity/0008-endpoint-filters',
  async up(db) {
    await db.schema
      .createTable('identity_endpoint_groups')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('filters', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('identity_project_endpoints')
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('endpoint_id', 'text', (c) =>
        c.notNull().references('identity_endpoints.id').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('identity_project_endpoints_key', ['project_id', 'endpoint_id'])
      .execute();
    await db.schema
      .createIndex('identity_project_endpoints_endpoint')
      .on('identity_project_endpoints')
      .column('endpoint_id')
      .execute();
    await db.schema
      .createTable('identity_project_endpoint_groups')
      .addColumn('project_id', 'text', (c) =>
        c.notNull().references('identity_projects.id').onDelete('cascade'),
      )
      .addColumn('endpoint_group_id', 'text', (c) =>
        c.notNull().references('identity_endpoint_groups.id').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('identity_project_endpoint_groups_key', ['project_id', 'endpoint_group_id'])
      .execute();
    await db.schema
      .createIndex('identity_project_endpoint_groups_group')
      .on('identity_project_endpoint_groups')
      .column('endpoint_group_id')
      .execute();
  },
};
