import { type Bit, bit, fromJson, toJson } from '#kit/db/columns.ts';

import type { Server, TaskState, VmState } from './server.ts';

/** A row of `compute_servers`. Usage of quotas is counted from the columns vcpus and memory_mb. */
export interface ServerRow {
  id: string;
  number: number;
  project_id: string;
  user_id: string;
  name: string;
  description: string | null;
  hostname: string;
  host: string | null;
  node: string | null;
  vm_state: VmState;
  task_state: TaskState | null;
  operation: string | null;
  power_state: number;
  progress: number;
  flavor_id: string;
  flavor: string;
  old_flavor: string | null;
  vcpus: number;
  memory_mb: number;
  root_gb: number;
  ephemeral_gb: number;
  swap_mb: number;
  image_ref: string;
  kernel_id: string;
  ramdisk_id: string;
  image: string;
  key_name: string | null;
  key_data: string | null;
  availability_zone: string | null;
  pinned_availability_zone: string | null;
  config_drive: Bit;
  auto_disk_config: Bit;
  root_device_name: string;
  access_ip_v4: string | null;
  access_ip_v6: string | null;
  locked: Bit;
  locked_by: 'owner' | 'admin' | null;
  locked_reason: string | null;
  reservation_id: string;
  launch_index: number;
  launched_at: number | null;
  terminated_at: number | null;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  fault: string | null;
  metadata: string;
  tags: string;
  system_metadata: string;
  hints: string;
  trusted_certs: string | null;
  interfaces: string;
  block_devices: string;
  injected_files: string | null;
  user_data: string | null;
}

/** The part of a server that may change, as columns. */
export function toColumns(changes: Partial<Server>): Partial<ServerRow> {
  const row: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    if (key === 'flavor') Object.assign(row, flavorColumns(value as Server['flavor']));
    else if (key === 'image') Object.assign(row, imageColumns(value as Server['image']));
    else row[columnOf[key as keyof Server]] = json.has(key) && value !== null ? toJson(value) : plain(value);
  }
  return row as Partial<ServerRow>;
}

/** A server as the table keeps it. */
export const toRow = (server: Server): ServerRow => toColumns(server) as ServerRow;

/** The server that {@link toRow} made the row of. */
export function fromRow(row: ServerRow): Server {
  return {
    id: row.id,
    number: row.number,
    projectId: row.project_id,
    userId: row.user_id,
    name: row.name,
    description: row.description,
    hostname: row.hostname,
    host: row.host,
    node: row.node,
    vmState: row.vm_state,
    taskState: row.task_state,
    operation: row.operation,
    powerState: row.power_state,
    progress: row.progress,
    flavor: shared(row.flavor),
    oldFlavor: row.old_flavor === null ? null : shared(row.old_flavor),
    imageRef: row.image_ref,
    image: shared(row.image),
    keyName: row.key_name,
    keyData: row.key_data,
    availabilityZone: row.availability_zone,
    pinnedAvailabilityZone: row.pinned_availability_zone,
    configDrive: row.config_drive === 1,
    autoDiskConfig: row.auto_disk_config === 1,
    rootDeviceName: row.root_device_name,
    accessIpV4: row.access_ip_v4,
    accessIpV6: row.access_ip_v6,
    locked: row.locked === 1,
    lockedBy: row.locked_by,
    lockedReason: row.locked_reason,
    reservationId: row.reservation_id,
    launchIndex: row.launch_index,
    launchedAt: row.launched_at,
    terminatedAt: row.terminated_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    fault: row.fault === null ? null : fromJson(row.fault),
    metadata: shared(row.metadata),
    tags: shared(row.tags),
    systemMetadata: shared(row.system_metadata),
    hints: shared(row.hints),
    trustedCerts: row.trusted_certs === null ? null : fromJson(row.trusted_certs),
    interfaces: fromJson(row.interfaces),
    blockDevices: shared(row.block_devices),
    injectedFiles: row.injected_files === null ? [] : fromJson(row.injected_files),
    userData: row.user_data,
  };
}

const columnOf: Readonly<Record<keyof Server, keyof ServerRow>> = {
  id: 'id',
  number: 'number',
  projectId: 'project_id',
  userId: 'user_id',
  name: 'name',
  description: 'description',
  hostname: 'hostname',
  host: 'host',
  node: 'node',
  vmState: 'vm_state',
  taskState: 'task_state',
  operation: 'operation',
  powerState: 'power_state',
  progress: 'progress',
  flavor: 'flavor',
  oldFlavor: 'old_flavor',
  imageRef: 'image_ref',
  image: 'image',
  keyName: 'key_name',
  keyData: 'key_data',
  availabilityZone: 'availability_zone',
  pinnedAvailabilityZone: 'pinned_availability_zone',
  configDrive: 'config_drive',
  autoDiskConfig: 'auto_disk_config',
  rootDeviceName: 'root_device_name',
  accessIpV4: 'access_ip_v4',
  accessIpV6: 'access_ip_v6',
  locked: 'locked',
  lockedBy: 'locked_by',
  lockedReason: 'locked_reason',
  reservationId: 'reservation_id',
  launchIndex: 'launch_index',
  launchedAt: 'launched_at',
  terminatedAt: 'terminated_at',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  deletedAt: 'deleted_at',
  fault: 'fault',
  metadata: 'metadata',
  tags: 'tags',
  systemMetadata: 'system_metadata',
  hints: 'hints',
  trustedCerts: 'trusted_certs',
  interfaces: 'interfaces',
  blockDevices: 'block_devices',
  injectedFiles: 'injected_files',
  userData: 'user_data',
};

const json: ReadonlySet<string> = new Set([
  'oldFlavor',
  'fault',
  'metadata',
  'tags',
  'systemMetadata',
  'hints',
  'trustedCerts',
  'interfaces',
  'blockDevices',
  'injectedFiles',
] satisfies (keyof Server)[]);

const plain = (value: unknown): unknown => (typeof value === 'boolean' ? bit(value) : value);

/** The flavor's sizes stand in columns of their own too: quotas and usage are summed over them. */
const flavorColumns = (flavor: Server['flavor']): Partial<ServerRow> => ({
  flavor: toJson(flavor),
  flavor_id: flavor.id,
  vcpus: flavor.vcpus,
  memory_mb: flavor.memoryMb,
  root_gb: flavor.rootGb,
  ephemeral_gb: flavor.ephemeralGb,
  swap_mb: flavor.swapMb,
});

/** Kernel and ramdisk stand in columns of their own too: lists are sorted and filtered by them. */
const imageColumns = (image: Server['image']): Partial<ServerRow> => ({
  image: toJson(image),
  kernel_id: image.kernel?.id ?? '',
  ramdisk_id: image.ramdisk?.id ?? '',
});

const parsed = new Map<string, unknown>();
const parsedLimit = 5000;

/** Flavors, images and empty maps are the same in many rows: each text is parsed once and shared, never changed. */
function shared<T>(text: string): T {
  let value = parsed.get(text);
  if (value === undefined) {
    if (parsed.size >= parsedLimit) parsed.clear();
    parsed.set(text, (value = fromJson(text)));
  }
  return value as T;
}
