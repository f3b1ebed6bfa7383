import type { Migration } from '#kit/db/migrations.ts';

/** Usage counts deleted servers too, project by project. */
export const usageMigration: Migration = {
  name: 'compute/0009-usage',
  async up(db) {
    await db.schema
      .createIndex('compute_servers_usage')
      .on('compute_servers')
      .columns(['project_id', 'id'])
      .execute();
  },
};
