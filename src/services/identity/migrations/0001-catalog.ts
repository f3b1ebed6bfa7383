import type { Migration } from '#kit/db/migrations.ts';

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
  },
};
