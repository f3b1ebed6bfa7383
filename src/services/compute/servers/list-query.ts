import Type from 'typebox';

import { history, since } from '#kit/http/versioned-schema.ts';

import { moment, pattern } from '../fields.ts';
import { pagingParameters, parameter, queryStrictSince, textParameter } from '../query.ts';

/** Sort keys by Nova's names, which were its column names, and the columns they stand for here. */
export const sortColumns = {
  access_ip_v4: 'access_ip_v4',
  access_ip_v6: 'access_ip_v6',
  auto_disk_config: 'auto_disk_config',
  availability_zone: 'availability_zone',
  config_drive: 'config_drive',
  created_at: 'created_at',
  display_description: 'description',
  display_name: 'name',
  host: 'host',
  hostname: 'hostname',
  image_ref: 'image_ref',
  instance_type_id: 'flavor_id',
  kernel_id: 'kernel_id',
  key_name: 'key_name',
  launch_index: 'launch_index',
  launched_at: 'launched_at',
  locked_by: 'locked_by',
  node: 'node',
  power_state: 'power_state',
  progress: 'progress',
  project_id: 'project_id',
  ramdisk_id: 'ramdisk_id',
  root_device_name: 'root_device_name',
  task_state: 'task_state',
  terminated_at: 'terminated_at',
  updated_at: 'updated_at',
  user_id: 'user_id',
  uuid: 'id',
  vm_state: 'vm_state',
} as const;

/** Sort keys that were taken and ignored until 2.74. */
export const ignoredSortKeys = [
  'architecture',
  'cell_name',
  'cleaned',
  'default_ephemeral_device',
  'default_swap_device',
  'deleted',
  'deleted_at',
  'disable_terminate',
  'ephemeral_gb',
  'ephemeral_key_uuid',
  'id',
  'key_data',
  'launched_on',
  'memory_mb',
  'os_type',
  'reservation_id',
  'root_gb',
  'shutdown_terminate',
  'user_data',
  'vcpus',
  'vm_mode',
] as const;

const regular = parameter(pattern);
const sortKeys = Object.keys(sortColumns);

/** Filters that name a column and are regular expressions, by Nova's name. */
export const patternColumns = {
  kernel_id: 'kernel_id',
  ramdisk_id: 'ramdisk_id',
  hostname: 'hostname',
  key_name: 'key_name',
  power_state: 'power_state',
  node: 'node',
  reservation_id: 'reservation_id',
  launched_at: 'launched_at',
  terminated_at: 'terminated_at',
  availability_zone: 'availability_zone',
  name: 'name',
  display_name: 'name',
  display_description: 'description',
  locked_by: 'locked_by',
  root_device_name: 'root_device_name',
  config_drive: 'config_drive',
  access_ip_v4: 'access_ip_v4',
  access_ip_v6: 'access_ip_v6',
  auto_disk_config: 'auto_disk_config',
  progress: 'progress',
  created_at: 'created_at',
  launch_index: 'launch_index',
} as const;

/** Names that once reached into other tables and are refused. */
export const refusedFilters = [
  'block_device_mapping',
  'services',
  'metadata',
  'system_metadata',
  'info_cache',
  'security_groups',
  'pci_devices',
] as const;

const keys = (words: readonly string[]) => Type.Unsafe<string>({ type: 'string', enum: words });

/** The query of `GET /servers` and `GET /servers/detail`; unknown parameters are refused since 2.75. */
export const listQuery = {
  ...queryStrictSince('2.75', {
    ...Object.fromEntries(Object.keys(patternColumns).map((filter) => [filter, regular])),
    ...Object.fromEntries(refusedFilters.map((filter) => [filter, textParameter])),
    user_id: textParameter,
    project_id: textParameter,
    tenant_id: textParameter,
    launch_index: textParameter,
    image_ref: textParameter,
    image: textParameter,
    vm_state: textParameter,
    task_state: textParameter,
    host: textParameter,
    flavor: regular,
    description: regular,
    uuid: textParameter,
    sort_key: history(
      { until: '2.74', schema: Type.Array(keys([...sortKeys, 'locked', ...ignoredSortKeys])) },
      { since: '2.75', schema: Type.Array(keys([...sortKeys, 'locked'])) },
    ),
    sort_dir: textParameter,
    all_tenants: textParameter,
    soft_deleted: textParameter,
    deleted: textParameter,
    status: textParameter,
    'changes-since': parameter(moment),
    'changes-before': since('2.66', Type.Array(moment)),
    ip: regular,
    ip6: regular,
    tags: since('2.26', Type.Array(pattern)),
    'tags-any': since('2.26', Type.Array(pattern)),
    'not-tags': since('2.26', Type.Array(pattern)),
    'not-tags-any': since('2.26', Type.Array(pattern)),
    locked: since('2.73', Type.Array(Type.String())),
    ...pagingParameters,
  }),
  // a name with an underscore in front is let through to be refused in its own words
  patternProperties: { '^_': {} },
};
