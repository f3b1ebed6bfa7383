import type { Migration } from '#kit/db/migrations.ts';

/** Remembers which host a server was on when something was done to it: it may be on another, or on none, afterwards. */
export const actionHostsMigration: Migration = {
  name: 'compute/0013-action-hosts',
  async up(db) {
    await db.schema.alterTable('compute_server_actions').addColumn('host', 'text').execute();
  },
};
