import type { Migration } from '#kit/db/migrations.ts';

/** Address scopes, subnet pools, address groups and the topologies made for projects that ask for one. */
export const addressesMigration: Migration = {
  name: 'network/0003-addresses',
  async up(db) {
    await db.schema
      .createTable('network_address_scopes')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('ip_version', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('network_address_scopes_project')
      .on('network_address_scopes')
      .columns(['project_id', 'id'])
      .execute();

    await db.schema
      .createTable('network_subnetpools')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('description', 'text', (c) => c.notNull())
      .addColumn('ip_version', 'integer', (c) => c.notNull())
      .addColumn('prefixes', 'text', (c) => c.notNull())
      .addColumn('default_prefixlen', 'integer', (c) => c.notNull())
      .addColumn('min_prefixlen', 'integer', (c) => c.notNull())
      .addColumn('max_prefixlen', 'integer', (c) => c.notNull())
      .addColumn('default_quota', 'integer')
      .addColumn('is_default', 'integer', (c) => c.notNull())
      .addColumn('address_scope_id', 'text', (c) => c.references('network_address_scopes.id'))
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('revision_number', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('network_subnetpools_project')
      .on('network_subnetpools')
      .columns(['project_id', 'id'])
      .execute();
    await db.schema
      .createIndex('network_subnetpools_scope')
      .on('network_subnetpools')
      .column('address_scope_id')
      .execute();

    await db.schema
      .createTable('network_address_groups')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('description', 'text', (c) => c.notNull())
      .addColumn('addresses', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('revision_number', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('network_address_groups_project')
      .on('network_address_groups')
      .columns(['project_id', 'id'])
      .execute();

    await db.schema
      .createTable('network_auto_allocated_topologies')
      .addColumn('project_id', 'text', (c) => c.primaryKey())
      .addColumn('network_id', 'text', (c) => c.notNull())
      .addColumn('router_id', 'text', (c) => c.notNull())
      .execute();
  },
};
