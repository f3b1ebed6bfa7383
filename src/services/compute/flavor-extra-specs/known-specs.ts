/**
 * The extra specs Nova knows and what values they take, as in nova/api/validation/extra_specs. Facts only: which of them
 * have an effect is the scheduler's and the driver's business.
 */

/** What values an extra spec takes. */
export type SpecValue =
  | { readonly type: 'boolean' }
  | { readonly type: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly type: 'text'; readonly pattern?: string; readonly oneOf?: readonly string[] };

/** An extra spec; `name` is a regular expression. */
export interface KnownSpec {
  readonly name: string;
  readonly value: SpecValue;
}

const boolean: SpecValue = { type: 'boolean' };
const text: SpecValue = { type: 'text' };
const integer: SpecValue = { type: 'integer' };
const atLeast = (min: number): SpecValue => ({ type: 'integer', min });
const oneOf = (...words: string[]): SpecValue => ({ type: 'text', oneOf: words });
const matching = (pattern: string): SpecValue => ({ type: 'text', pattern });

// the same set of texts as in Nova, written so that no text takes long to refuse
const cpuMask = String.raw`\^?\d+(-\d+|,\^?\d+)*`;
/** The suffix of a granular resource group. */
const group = '([a-zA-Z0-9_-]{1,64})?';

const byName = (names: readonly string[], prefix: string, value: SpecValue): KnownSpec[] =>
  names.map((name) => ({ name: prefix + name, value }));

const hw: Readonly<Record<string, SpecValue>> = {
  boot_menu: boolean,
  cpu_cores: atLeast(1),
  cpu_dedicated_mask: matching(cpuMask),
  cpu_max_cores: atLeast(1),
  cpu_max_sockets: atLeast(1),
  cpu_max_threads: atLeast(1),
  cpu_policy: oneOf('dedicated', 'shared', 'mixed'),
  cpu_realtime: boolean,
  cpu_realtime_mask: matching(cpuMask),
  cpu_sockets: atLeast(1),
  cpu_thread_policy: oneOf('prefer', 'isolate', 'require'),
  cpu_threads: atLeast(1),
  emulator_threads_policy: oneOf('isolate', 'share'),
  ephemeral_encryption: boolean,
  ephemeral_encryption_format: oneOf('plain', 'luks', 'luksv2'),
  hide_hypervisor_id: boolean,
  locked_memory: boolean,
  mem_encryption: boolean,
  mem_encryption_model: oneOf('amd-sev', 'amd-sev-es', 'amd-sev-snp'),
  mem_page_size: matching(String.raw`(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)`),
  [String.raw`numa_cpus\.\d+`]: matching(cpuMask),
  [String.raw`numa_mem\.\d+`]: atLeast(1),
  numa_nodes: atLeast(1),
  pci_numa_affinity_policy: oneOf('required', 'preferred', 'legacy', 'socket'),
  pmem: matching('[a-zA-Z0-9_]+(,[a-zA-Z0-9_]+)*,?'),
  pmu: boolean,
  redirected_usb_ports: { type: 'integer', min: 0, max: 15 },
  serial_port_count: atLeast(0),
  sound_model: oneOf('sb16', 'es1370', 'pcspk', 'ac97', 'ich6', 'ich9', 'usb', 'virtio'),
  tpm_model: oneOf('tpm-tis', 'tpm-crb'),
  tpm_secret_security: oneOf('user', 'host', 'deployment'),
  tpm_version: oneOf('1.2', '2.0'),
  usb_model: oneOf('none', 'nec-xhci', 'qemu-xhci'),
  vif_multiqueue_enabled: boolean,
  viommu_model: oneOf('intel', 'smmuv3', 'virtio', 'auto'),
  virtio_packed_ring: boolean,
  watchdog_action: oneOf('none', 'pause', 'poweroff', 'reset', 'disabled'),
};

const capabilities = [
  'id',
  'uuid',
  'service_id',
  'host',
  'vcpus',
  'memory_mb',
  'local_gb',
  'vcpus_used',
  'memory_mb_used',
  'local_gb_used',
  'hypervisor_type',
  'hypervisor_version',
  'hypervisor_hostname',
  'free_ram_mb',
  'free_disk_gb',
  'current_workload',
  'running_vms',
  'disk_available_least',
  'host_ip',
  'mapped',
  'cpu_allocation_ratio',
  'ram_allocation_ratio',
  'disk_allocation_ratio',
  'total_usable_ram_mb',
  'total_usable_disk_gb',
  'disk_mb_used',
  'free_disk_mb',
  'vcpus_total',
  'num_instances',
  'num_io_ops',
  'failed_builds',
  'aggregates',
  'cell_uuid',
  'updated',
];

/** Capabilities one may look into: `capabilities:cpu_info:vendor`. */
const nestedCapabilities = [
  'cpu_info',
  'metrics',
  'stats',
  'numa_topology',
  'supported_hv_specs',
  'pci_device_pools',
  'nodename',
  'pci_stats',
  'supported_instances',
  'limits',
  'instances',
].map((name) => String.raw`${name}(:\w+)*`);

const limited = ['cpu', 'memory', 'disk_io', 'vif'];
const diskLimits = ['read', 'write', 'total'].flatMap((way) => [
  `disk_${way}_bytes_sec`,
  `disk_${way}_iops_sec`,
]);
const vifLimits = ['inbound', 'outbound'].flatMap((way) =>
  ['average', 'peak', 'burst'].map((kind) => `vif_${way}_${kind}`),
);

/** The resource classes that every cloud knows: os_resource_classes.STANDARDS. */
export const standardResourceClasses: readonly string[] = [
  'VCPU',
  'MEMORY_MB',
  'DISK_GB',
  'PCI_DEVICE',
  'SRIOV_NET_VF',
  'NUMA_SOCKET',
  'NUMA_CORE',
  'NUMA_THREAD',
  'NUMA_MEMORY_MB',
  'IPV4_ADDRESS',
  'VGPU',
  'VGPU_DISPLAY_HEAD',
  'NET_BW_EGR_KILOBIT_PER_SEC',
  'NET_BW_IGR_KILOBIT_PER_SEC',
  'PCPU',
  'MEM_ENCRYPTION_CONTEXT',
  'FPGA',
  'PGPU',
  'NET_PACKET_RATE_KILOPACKET_PER_SEC',
  'NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC',
  'NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC',
];

/**
 * Every extra spec Nova knows but those for traits. Names are regular expressions, to be matched whole; the first that
 * matches counts.
 */
export const knownSpecs: readonly KnownSpec[] = [
  ...Object.entries(hw).map(([name, value]) => ({ name: `hw:${name}`, value })),
  ...byName(['rate_bytes', 'rate_period'], 'hw_rng:', atLeast(0)),
  { name: 'hw_rng:allowed', value: boolean },
  { name: 'hw_video:ram_max_mb', value: atLeast(0) },
  { name: 'os:secure_boot', value: oneOf('disabled', 'required') },
  { name: 'hide_hypervisor_id', value: boolean },
  { name: 'group_policy', value: oneOf('isolate', 'none') },
  { name: 'accel:device_profile', value: text },
  { name: 'aggregate_instance_extra_specs:.+', value: text },
  ...byName([...capabilities, ...nestedCapabilities], 'capabilities:', text),
  { name: 'pci_passthrough:alias', value: matching(String.raw`[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*`) },
  ...byName(
    limited.flatMap((what) => [`${what}_limit`, `${what}_shares_share`]),
    'quota:',
    atLeast(0),
  ),
  ...byName(
    limited.map((what) => `${what}_reservation`),
    'quota:',
    integer,
  ),
  ...byName(
    limited.map((what) => `${what}_shares_level`),
    'quota:',
    oneOf('custom', 'high', 'normal', 'low'),
  ),
  ...byName(['cpu_shares', 'cpu_period', ...diskLimits, ...vifLimits], 'quota:', atLeast(0)),
  { name: 'quota:cpu_quota', value: integer },
  ...byName([...standardResourceClasses, 'CUSTOM_[A-Z0-9_]+'], `resources${group}:`, integer),
  ...byName(['hw_version', 'storage_policy'], 'vmware:', text),
];

/** Requiring or forbidding a trait; the trait's own name is in the first parenthesis. */
export const traitSpec: KnownSpec = {
  name: 'trait(?:[a-zA-Z0-9_-]{1,64})?:([A-Z0-9_]+)',
  value: oneOf('required', 'forbidden'),
};

/** What stands before the colon of every known extra spec: other names there are nobody's mistake of ours. */
export const namespaces: readonly string[] = [
  ...new Set(knownSpecs.filter((s) => s.name.includes(':')).map((s) => s.name.slice(0, s.name.indexOf(':')))),
  'trait([a-zA-Z0-9_-]{1,64})?',
];
