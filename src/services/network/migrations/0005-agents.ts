import type { Migration } from '#kit/db/migrations.ts';

/** What administrators write about agents. */
export const agentsMigration: Migration = {
  name: 'network/0005-agents',
  async up(db) {
    await db.schema
      .createTable('network_agents')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('description', 'text', (c) => c.notNull())
      .execute();
  },
};
