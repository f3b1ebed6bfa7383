import type { Migration } from '#kit/db/migrations.ts';

/** Services (nova-compute, nova-scheduler …) and the hosts whose agents report to us. */
export const hostsMigration: Migration = {
  name: 'compute/0003-hosts',
  async up(db) {
    await db.schema
      .createTable('compute_services')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('uuid', 'text', (c) => c.notNull().unique())
      .addColumn('host', 'text', (c) => c.notNull())
      .addColumn('binary', 'text', (c) => c.notNull())
      .addColumn('disabled', 'integer', (c) => c.notNull())
      .addColumn('disabled_reason', 'text')
      .addColumn('forced_down', 'integer', (c) => c.notNull())
      .addColumn('last_seen_at', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint')
      .addUniqueConstraint('compute_services_host_binary', ['host', 'binary'])
      .execute();
    await db.schema
      .createTable('compute_hosts')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('uuid', 'text', (c) => c.notNull().unique())
      .addColumn('service_id', 'integer', (c) => c.notNull().unique().references('compute_services.id'))
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('agent_version', 'text', (c) => c.notNull())
      .addColumn('facts', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
