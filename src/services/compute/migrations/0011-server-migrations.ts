import type { Migration } from '#kit/db/migrations.ts';

/** Resizes of servers, as `os-migrations` shows them. */
export const serverMigrationsMigration: Migration = {
  name: 'compute/0011-server-migrations',
  async up(db) {
    await db.schema
      .createTable('compute_server_migrations')
      .addColumn('id', 'bigint', (c) => c.primaryKey())
      .addColumn('uuid', 'text', (c) => c.notNull().unique())
      .addColumn('server_id', 'text', (c) => c.notNull())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('source_host', 'text', (c) => c.notNull())
      .addColumn('source_node', 'text', (c) => c.notNull())
      .addColumn('dest_host', 'text', (c) => c.notNull())
      .addColumn('dest_node', 'text', (c) => c.notNull())
      .addColumn('dest_address', 'text')
      .addColumn('old_flavor', 'bigint')
      .addColumn('new_flavor', 'bigint')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint')
      .execute();
    await db.schema
      .createIndex('compute_server_migrations_server')
      .on('compute_server_migrations')
      .column('server_id')
      .execute();
  },
};
