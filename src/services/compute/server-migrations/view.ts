import { isoMicrosNaive } from '#kit/clock/clock.ts';

import type { ServerMigration } from './store.ts';

/** What a caller is shown, by microversion and policy. */
export interface MigrationVisibility {
  readonly hosts: boolean;
  /** Since 2.23. */
  readonly type: boolean;
  /** Since 2.59. */
  readonly uuid: boolean;
  /** Since 2.80. */
  readonly owner: boolean;
}

/**
 * A migration in lists. Hosts a caller may not see are null, not left out (nova/api/openstack/compute/migrations.py).
 */
export const viewMigration = (migration: ServerMigration, shown: MigrationVisibility) => ({
  id: migration.id,
  ...(shown.uuid && { uuid: migration.uuid }),
  instance_uuid: migration.serverId,
  status: migration.status,
  ...(shown.type && { migration_type: migration.type }),
  source_compute: shown.hosts ? migration.sourceHost : null,
  source_node: shown.hosts ? migration.sourceNode : null,
  dest_compute: shown.hosts ? migration.destHost : null,
  dest_host: shown.hosts ? migration.destAddress : null,
  dest_node: shown.hosts ? migration.destNode : null,
  old_instance_type_id: migration.oldFlavor,
  new_instance_type_id: migration.newFlavor,
  created_at: isoMicrosNaive(migration.createdAt),
  updated_at: migration.updatedAt === null ? null : isoMicrosNaive(migration.updatedAt),
  ...(shown.owner && { user_id: migration.userId, project_id: migration.projectId }),
});
