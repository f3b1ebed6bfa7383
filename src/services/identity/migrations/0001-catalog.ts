import type { Migration } from '#kit/db/migrations.ts';

/** Regions, services and their endpoints. */
export const catalogMigration: Migration = {
  name: 'identity/0001-catalog',
  async up(db) {
    await db.schema
      .createTable('identity_regions')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('description', 'text', (c) => c.notNull())
      .addColumn('parent_region_id', 'text', (c) => c.references('identity_regions.id'))
      .addColumn('extra', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('identity_regions_parent')
      .on('identity_regions')
      .column('parent_region_id')
      .execute();
    await db.schema
      .createTable('identity_services')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('identity_endpoints')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('service_id', 'text', (c) =>
        c.notNull().references('identity_services.id').onDelete('cascade'),
      )
      .addColumn('interface', 'text', (c) => c.notNull())
      .addColumn('region_id', 'text', (c) => c.references('identity_regions.id'))
      .addColumn('url', 'text', (c) => c.notNull())
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('extra', 'text', (c) => c.notNull())
      .execute();
    for (const column of ['service_id', 'region_id']) {
      await db.schema
        .createIndex(`identity_endpoints_${column}`)
        .on('identity_endpoints')
        .column(column)
        .execute();
    }
  },
};
