import { sql } from 'kysely';

import type { Migration } from '#kit/db/migrations.ts';

/** Servers and what was done to them. Rows of deleted servers stay for a while, so most indexes leave them out. */
export const serversMigration: Migration = {
  name: 'compute/0002-servers',
  async up(db) {
    await db.schema
      .createTable('compute_servers')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('number', 'integer', (c) => c.notNull())
      .addColumn('project_id', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('hostname', 'text', (c) => c.notNull())
      .addColumn('host', 'text')
      .addColumn('node', 'text')
      .addColumn('vm_state', 'text', (c) => c.notNull())
      .addColumn('task_state', 'text')
      // the saga that may change the server now: another one that still runs finds itself shut out
      .addColumn('operation', 'text')
      .addColumn('power_state', 'integer', (c) => c.notNull())
      .addColumn('progress', 'integer', (c) => c.notNull())
      .addColumn('flavor_id', 'text', (c) => c.notNull())
      .addColumn('flavor', 'text', (c) => c.notNull())
      .addColumn('old_flavor', 'text')
      .addColumn('vcpus', 'integer', (c) => c.notNull())
      .addColumn('memory_mb', 'integer', (c) => c.notNull())
      .addColumn('root_gb', 'integer', (c) => c.notNull())
      .addColumn('ephemeral_gb', 'integer', (c) => c.notNull())
      .addColumn('swap_mb', 'integer', (c) => c.notNull())
      .addColumn('image_ref', 'text', (c) => c.notNull())
      .addColumn('kernel_id', 'text', (c) => c.notNull())
      .addColumn('ramdisk_id', 'text', (c) => c.notNull())
      .addColumn('image', 'text', (c) => c.notNull())
      .addColumn('key_name', 'text')
      .addColumn('key_data', 'text')
      .addColumn('availability_zone', 'text')
      .addColumn('pinned_availability_zone', 'text')
      .addColumn('config_drive', 'integer', (c) => c.notNull())
      .addColumn('auto_disk_config', 'integer', (c) => c.notNull())
      .addColumn('root_device_name', 'text', (c) => c.notNull())
      .addColumn('access_ip_v4', 'text')
      .addColumn('access_ip_v6', 'text')
      .addColumn('locked', 'integer', (c) => c.notNull())
      .addColumn('locked_by', 'text')
      .addColumn('locked_reason', 'text')
      .addColumn('reservation_id', 'text', (c) => c.notNull())
      .addColumn('launch_index', 'integer', (c) => c.notNull())
      .addColumn('launched_at', 'bigint')
      .addColumn('terminated_at', 'bigint')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addColumn('deleted_at', 'bigint')
      .addColumn('fault', 'text')
      .addColumn('metadata', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('system_metadata', 'text', (c) => c.notNull())
      .addColumn('hints', 'text', (c) => c.notNull())
      .addColumn('trusted_certs', 'text')
      .addColumn('interfaces', 'text', (c) => c.notNull())
      .addColumn('block_devices', 'text', (c) => c.notNull())
      // large and rarely read: last, so that lists do not page through them
      .addColumn('injected_files', 'text')
      .addColumn('user_data', 'text')
      .execute();
    // default order of lists: newest first, of a project or of all; deleted servers are listed by few
    await db.schema
      .createIndex('compute_servers_project')
      .on('compute_servers')
      .columns(['project_id', 'created_at', 'number'])
      .where(sql.ref('deleted_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('compute_servers_live')
      .on('compute_servers')
      .columns(['created_at', 'number'])
      .where(sql.ref('deleted_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('compute_servers_host')
      .on('compute_servers')
      .columns(['host', 'task_state'])
      .where(sql.ref('deleted_at'), 'is', null)
      .execute();
    // quotas are counted at each creation: from the index alone
    await db.schema
      .createIndex('compute_servers_quota')
      .on('compute_servers')
      .columns(['project_id', 'user_id', 'vcpus', 'memory_mb'])
      .where(sql.ref('deleted_at'), 'is', null)
      .execute();
    await db.schema
      .createIndex('compute_servers_deleted')
      .on('compute_servers')
      .columns(['deleted_at'])
      .execute();
    await db.schema
      .createIndex('compute_servers_changed')
      .on('compute_servers')
      .columns(['updated_at'])
      .execute();
    await db.schema
      .createTable('compute_server_actions')
      .addColumn('server_id', 'text', (c) => c.notNull())
      .addColumn('request_id', 'text', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text')
      .addColumn('project_id', 'text')
      .addColumn('sagas', 'text', (c) => c.notNull())
      .addColumn('message', 'text')
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('compute_server_actions_pk', ['server_id', 'request_id'])
      .execute();
    await db.schema
      .createIndex('compute_server_actions_started')
      .on('compute_server_actions')
      .columns(['server_id', 'started_at', 'request_id'])
      .execute();
  },
};
