import type { Migration } from '#kit/db/migrations.ts';

/** Every table of Placement. */
export const placementMigration: Migration = {
  name: 'placement/0001-placement',
  async up(db) {
    await db.schema
      .createTable('placement_clock')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('revision', 'bigint', (c) => c.notNull())
      .addColumn('epoch', 'bigint', (c) => c.notNull())
      .execute();
    await db.insertInto('placement_clock').values({ id: 1, revision: 0, epoch: 0 }).execute();

    for (const table of ['placement_traits', 'placement_resource_classes']) {
      await db.schema
        .createTable(table)
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('sequence', 'bigint', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_at', 'bigint')
        .execute();
    }

    await db.schema
      .createTable('placement_providers')
      .addColumn('uuid', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('generation', 'integer', (c) => c.notNull())
      .addColumn('parent_uuid', 'text', (c) => c.references('placement_providers.uuid'))
      .addColumn('root_uuid', 'text', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('revision', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint')
      .execute();
    for (const column of ['parent_uuid', 'root_uuid', 'revision']) {
      await db.schema
        .createIndex(`placement_providers_${column}`)
        .on('placement_providers')
        .column(column)
        .execute();
    }

    await db.schema
      .createTable('placement_inventories')
      .addColumn('provider_uuid', 'text', (c) => c.notNull().references('placement_providers.uuid'))
      .addColumn('resource_class', 'text', (c) => c.notNull())
      .addColumn('total', 'integer', (c) => c.notNull())
      .addColumn('reserved', 'integer', (c) => c.notNull())
      .addColumn('min_unit', 'integer', (c) => c.notNull())
      .addColumn('max_unit', 'integer', (c) => c.notNull())
      .addColumn('step_size', 'integer', (c) => c.notNull())
      .addColumn('allocation_ratio', 'double precision', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint')
      .addPrimaryKeyConstraint('placement_inventories_pk', ['provider_uuid', 'resource_class'])
      .execute();
    await db.schema
      .createIndex('placement_inventories_class')
      .on('placement_inventories')
      .column('resource_class')
      .execute();

    await db.schema
      .createTable('placement_provider_traits')
      .addColumn('provider_uuid', 'text', (c) => c.notNull().references('placement_providers.uuid'))
      .addColumn('trait', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('placement_provider_traits_pk', ['provider_uuid', 'trait'])
      .execute();
    await db.schema
      .createIndex('placement_provider_traits_trait')
      .on('placement_provider_traits')
      .column('trait')
      .execute();

    await db.schema
      .createTable('placement_provider_aggregates')
      .addColumn('provider_uuid', 'text', (c) => c.notNull().references('placement_providers.uuid'))
      .addColumn('aggregate_uuid', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('placement_provider_aggregates_pk', ['provider_uuid', 'aggregate_uuid'])
      .execute();

    await db.schema
      .createTable('placement_consumers')
      .addColumn('uuid', 'text', (c) => c.primaryKey())
      .addColumn('generation', 'integer', (c) => c.notNull())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('consumer_type', 'text')
      .execute();
    await db.schema
      .createIndex('placement_consumers_project')
      .on('placement_consumers')
      .columns(['project_id', 'user_id'])
      .execute();

    await db.schema
      .createTable('placement_allocations')
      .addColumn('consumer_uuid', 'text', (c) => c.notNull().references('placement_consumers.uuid'))
      .addColumn('provider_uuid', 'text', (c) => c.notNull().references('placement_providers.uuid'))
      .addColumn('resource_class', 'text', (c) => c.notNull())
      .addColumn('used', 'integer', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('placement_allocations_pk', [
        'consumer_uuid',
        'provider_uuid',
        'resource_class',
      ])
      .execute();
    await db.schema
      .createIndex('placement_allocations_provider')
      .on('placement_allocations')
      .columns(['provider_uuid', 'resource_class', 'used', 'consumer_uuid'])
      .execute();
  },
};
