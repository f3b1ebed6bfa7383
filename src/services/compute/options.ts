import { list, number, text } from '#kit/config/options.ts';

const unlimited = { min: -1 };

/** The `[compute]` section of the configuration file. */
export const computeOptions = {
  cpu_allocation_ratio: number(4, 'Virtual CPUs promised per physical one.', { min: 0.1 }),
  ram_allocation_ratio: number(1, 'Memory promised per physical byte.', { min: 0.1 }),
  disk_allocation_ratio: number(1, 'Disk promised per physical byte.', { min: 0.1 }),
  reserved_host_cpus: number(0, 'CPUs of each host kept from guests.', { min: 0 }),
  reserved_host_memory_mb: number(512, 'Memory of each host kept from guests, in MB.', { min: 0 }),
  reserved_host_disk_gb: number(0, 'Disk of each host kept from guests, in GB.', { min: 0 }),
  max_limit: number(1000, 'Most items in one page of a list.', { min: 1 }),
  heartbeat_interval: number(5, 'Seconds between two signs of life of an agent.', { min: 1 }),
  service_down_time: number(60, 'Seconds without a sign of life after which a service counts as down.', {
    min: 2,
  }),
  quota_instances: number(10, 'Servers a project may have; -1: any number.', unlimited),
  quota_cores: number(20, 'Virtual CPUs a project may use; -1: any number.', unlimited),
  quota_ram: number(51_200, 'Memory a project may use, in MB; -1: any amount.', unlimited),
  quota_metadata_items: number(128, 'Metadata items a server may have; -1: any number.', unlimited),
  quota_injected_files: number(5, 'Files a server may be created with (until 2.56).', unlimited),
  quota_injected_file_content_bytes: number(10_240, 'Bytes of each such file.', unlimited),
  quota_injected_file_path_bytes: number(255, 'Bytes of the path of each such file.', unlimited),
  quota_key_pairs: number(100, 'Key pairs a user may have; -1: any number.', unlimited),
  quota_server_groups: number(10, 'Server groups a project may have; -1: any number.', unlimited),
  quota_server_group_members: number(
    10,
    'Servers a user may have in one server group; -1: any number.',
    unlimited,
  ),
  default_floating_pool: text(
    'nova',
    'Network that floating addresses are from when a caller names none (until 2.35).',
  ),
  console_url: text(
    '',
    'Where browsers reach the console proxy when another proxy stands before it, e.g. `https://console.example.org`.',
  ),
  console_token_ttl: number(600, 'Seconds a console can be opened after its URL was given out.', { min: 1 }),
  console_allowed_origins: list([], 'Host names of further pages that may open consoles, e.g. a dashboard.'),
  dhcp_domain: text(
    'novalocal',
    'Domain appended to the host names that metadata tells guests; empty: none.',
  ),
  vendordata_file: text(
    '',
    'JSON file whose contents every guest finds as vendor data in its metadata; empty: none.',
  ),
  shutdown_timeout: number(60, 'Seconds a guest is given to shut down before its plug is pulled.', {
    min: 0,
  }),
  soft_reboot_timeout: number(120, 'Seconds a guest is given to reboot by itself before it is forced to.', {
    min: 0,
  }),
  shelved_offload_time: number(
    0,
    'Seconds after which a shelved server is removed from its host; -1: never, 0: at once.',
    { min: -1 },
  ),
  resize_confirm_window: number(
    0,
    'Seconds after which a resize is confirmed by itself; 0: only its owner confirms.',
    { min: 0 },
  ),
  sync_power_state_interval: number(
    600,
    'Seconds between two comparisons of what servers should be with what their guests are.',
    { min: 1 },
  ),
  purge_deleted_after: number(
    90,
    'Days after which deleted servers are forgotten, usage included; -1: never.',
    { min: -1 },
  ),
} as const;
