import type { Migration } from '#kit/db/migrations.ts';

/** What the definitions of a cloud are about: resource types that services know by these names. */
const resourceTypes = [
  'OS::Cinder::Volume',
  'OS::Glance::Image',
  'OS::Nova::Aggregate',
  'OS::Nova::Flavor',
  'OS::Nova::Server',
  'OS::Trove::Instance',
];

/** Metadata definitions, and the resource types that `glance-manage db_load_metadefs` would bring. */
export const metadefsMigration: Migration = {
  name: 'image/0002-metadefs',
  async up(db) {
    await db.schema
      .createTable('image_metadef_namespaces')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('namespace', 'text', (c) => c.notNull().unique())
      .addColumn('display_name', 'text')
      .addColumn('description', 'text')
      .addColumn('visibility', 'text', (c) => c.notNull())
      .addColumn('protected', 'integer', (c) => c.notNull())
      .addColumn('owner', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('image_metadef_namespaces_created_at')
      .on('image_metadef_namespaces')
      .columns(['created_at', 'id'])
      .execute();

    for (const table of ['image_metadef_objects', 'image_metadef_properties', 'image_metadef_tags']) {
      await db.schema
        .createTable(table)
        .addColumn('namespace_id', 'text', (c) => c.notNull().references('image_metadef_namespaces.id'))
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('content', 'text', (c) => c.notNull())
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint(`${table}_pk`, ['namespace_id', 'name'])
        .execute();
      await db.schema
        .createIndex(`${table}_sequence`)
        .on(table)
        .columns(['namespace_id', 'sequence', 'name'])
        .execute();
    }

    await db.schema
      .createTable('image_metadef_resource_types')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .execute();
    const now = Date.now();
    await db
      .insertInto('image_metadef_resource_types')
      .values(resourceTypes.map((name) => ({ name, created_at: now, updated_at: now })))
      .execute();

    await db.schema
      .createTable('image_metadef_associations')
      .addColumn('namespace_id', 'text', (c) => c.notNull().references('image_metadef_namespaces.id'))
      .addColumn('resource_type', 'text', (c) => c.notNull().references('image_metadef_resource_types.name'))
      .addColumn('prefix', 'text')
      .addColumn('properties_target', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('image_metadef_associations_pk', ['namespace_id', 'resource_type'])
      .execute();
    await db.schema
      .createIndex('image_metadef_associations_resource_type')
      .on('image_metadef_associations')
      .column('resource_type')
      .execute();
  },
};
