import type { DiskFormat, NewSnapshot } from '#contracts/image.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { newUuid } from '#kit/ids/ids.ts';

import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';

/** Properties of an image that are its own affair and not its copies'. */
const notInherited = new Set([
  'cache_in_nova',
  'bittorrent',
  'cinder_encryption_key_id',
  'cinder_encryption_key_deletion_policy',
  'img_signature_hash_method',
  'img_signature',
  'img_signature_key_type',
  'img_signature_certificate_uuid',
]);

const isInherited = (property: string): boolean =>
  !notInherited.has(property) && !property.startsWith('os_glance');

/** The format hypervisors write snapshots in. */
const snapshotFormat: DiskFormat = 'qcow2';

/** The image a server's snapshot is going to be, as nova.compute.utils.create_image describes it. */
export function newSnapshot(
  server: Server,
  name: string,
  kind: 'snapshot' | 'backup',
  caller: Pick<Credentials, 'userId'>,
  more: Readonly<Record<string, string>>,
): NewSnapshot {
  const inherited = Object.entries(server.image.properties).filter(([key]) => isInherited(key));
  return {
    id: newUuid(),
    name,
    projectId: server.projectId,
    userId: caller.userId,
    diskFormat: snapshotFormat,
    containerFormat: 'bare',
    minDisk: server.flavor.rootGb,
    minRam: server.image.minRam,
    properties: {
      ...Object.fromEntries(inherited),
      instance_uuid: server.id,
      user_id: caller.userId,
      image_type: kind,
      base_image_ref: server.systemMetadata.image_base_image_ref ?? server.imageRef,
      owner_user_name: server.systemMetadata.owner_user_name ?? '',
      owner_project_name: server.systemMetadata.owner_project_name ?? '',
      boot_roles: server.systemMetadata.boot_roles ?? '',
      ...more,
      // what Nova's driver adds with the data
      image_location: 'snapshot',
      image_state: 'available',
      owner_id: server.projectId,
    },
  };
}

/**
 * Begins an operation that makes an image. It is there when this answers, waiting for its data; since the operation makes
 * it as well, there is none without an operation, whenever control dies.
 */
export async function withImage(
  service: Compute,
  snapshot: NewSnapshot,
  begin: () => Promise<void>,
): Promise<void> {
  const { image } = service.parts;
  await image.checkRoom(snapshot.projectId);
  await begin();
  await image.createSnapshot(snapshot);
}

/** Credentials with which Compute does on a server's behalf what its owner could do. They hold no token. */
export const ownerOf = (server: Pick<Server, 'projectId' | 'userId'>): Credentials => ({
  userId: server.userId,
  userName: '',
  userDomainId: '',
  userDomainName: '',
  projectId: server.projectId,
  system: false,
  roles: ['member', 'reader'],
  token: '',
  expiresAt: Number.MAX_SAFE_INTEGER,
  methods: [],
});
