import { sql } from 'kysely';

import type { Migration } from '#kit/db/migrations.ts';

/**
 * Keeps deleted servers out of the way of those that are there. SQLite took an index they are in for counting quotas, as the one
 * meant for it did not say that its servers are not deleted, and for the list of all projects' servers, which it then sorted.
 */
export const deletedServersMigration: Migration = {
  name: 'compute/0012-deleted-servers',
  async up(db) {
    for (const name of ['compute_servers_quota', 'compute_servers_deleted'])
      await db.schema.dropIndex(name).execute();
    await db.schema
      .createIndex('compute_servers_quota')
      .on('compute_servers')
      .columns(['project_id', 'deleted_at', 'user_id', 'vcpus', 'memory_mb'])
      .where(sql.ref('deleted_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('compute_servers_deleted')
      .on('compute_servers')
      .columns(['deleted_at'])
      .where(sql.ref('deleted_at'), 'is not', null)
      .execute();
  },
};
