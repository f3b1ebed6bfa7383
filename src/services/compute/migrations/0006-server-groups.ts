import type { Migration } from '#kit/db/migrations.ts';

/** Server groups and the servers in them. */
export const serverGroupsMigration: Migration = {
  name: 'compute/0006-server-groups',
  async up(db) {
    await db.schema
      .createTable('compute_server_groups')
      .addColumn('number', 'integer', (c) => c.primaryKey())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('policy', 'text', (c) => c.notNull())
      .addColumn('max_server_per_host', 'integer')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('compute_server_groups_project')
      .on('compute_server_groups')
      .columns(['project_id', 'number'])
      .execute();
    await db.schema
      .createTable('compute_server_group_members')
      .addColumn('group_id', 'text', (c) =>
        c.notNull().references('compute_server_groups.id').onDelete('cascade'),
      )
      .addColumn('server_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_server_group_members_pk', ['group_id', 'server_id'])
      .execute();
    await db.schema
      .createIndex('compute_server_group_members_server')
      .on('compute_server_group_members')
      .column('server_id')
      .execute();
  },
};
