import type { Migration } from '#kit/db/migrations.ts';

/** Flavors, their extra specs, and the projects that may use those that are not public. */
export const flavorsMigration: Migration = {
  name: 'compute/0005-flavors',
  async up(db) {
    await db.schema
      .createTable('compute_flavors')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('flavor_id', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('description', 'text')
      .addColumn('memory_mb', 'integer', (c) => c.notNull())
      .addColumn('vcpus', 'integer', (c) => c.notNull())
      .addColumn('root_gb', 'integer', (c) => c.notNull())
      .addColumn('ephemeral_gb', 'integer', (c) => c.notNull())
      .addColumn('swap_mb', 'integer', (c) => c.notNull())
      // a fraction, kept as it was written
      .addColumn('rxtx_factor', 'text', (c) => c.notNull())
      .addColumn('is_public', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint')
      .execute();
    await db.schema
      .createTable('compute_flavor_extra_specs')
      .addColumn('flavor', 'integer', (c) => c.notNull().references('compute_flavors.id').onDelete('cascade'))
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_flavor_extra_specs_pk', ['flavor', 'key'])
      .execute();
    await db.schema
      .createTable('compute_flavor_access')
      .addColumn('flavor', 'integer', (c) => c.notNull().references('compute_flavors.id').onDelete('cascade'))
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_flavor_access_pk', ['flavor', 'project_id'])
      .execute();
  },
};
