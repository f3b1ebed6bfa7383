import type { Migration } from '#kit/db/migrations.ts';

/** Host aggregates, their hosts and metadata. An availability zone is the metadata item of that name. */
export const aggregatesMigration: Migration = {
  name: 'compute/0008-aggregates',
  async up(db) {
    await db.schema
      .createTable('compute_aggregates')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('uuid', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint')
      .execute();
    await db.schema
      .createTable('compute_aggregate_hosts')
      .addColumn('aggregate_id', 'integer', (c) => c.notNull().references('compute_aggregates.id'))
      .addColumn('host', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_aggregate_hosts_pk', ['aggregate_id', 'host'])
      .execute();
    await db.schema
      .createTable('compute_aggregate_metadata')
      .addColumn('aggregate_id', 'integer', (c) =>
        c.notNull().references('compute_aggregates.id').onDelete('cascade'),
      )
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_aggregate_metadata_pk', ['aggregate_id', 'key'])
      .execute();
  },
};
