import { flag, list, number, oneOf } from '#kit/config/options.ts';

const quota = (what: string) => number(-1, `${what} -1: no limit.`, { min: -1 });

/** The `[image]` section of the configuration file: Glance's options under Glance's names where it has them. */
export const imageOptions = {
  disk_formats: list(
    ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'],
    'Disk formats an image may have.',
  ),
  container_formats: list(
    ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'],
    'Container formats an image may have.',
  ),
  image_size_cap: number(1_099_511_627_776, 'Most bytes one image may have.', { min: 1 }),
  require_image_format_match: flag(
    true,
    'Refuse data that is not in the disk format its image declares. What is dangerous is refused in any case.',
  ),
  gpt_safety_checks_nonfatal: list(
    [],
    'Safety checks that a disk with a partition table may fail: `mbr` is the one there is.',
  ),
  hashing_algorithm: oneOf(
    ['sha512', 'sha384', 'sha256', 'sha3-512', 'blake2b512'],
    'sha512',
    'What `os_hash_value` is computed with.',
  ),
  limit_param_default: number(25, 'Images in a list when the request gives no limit.', { min: 1 }),
  api_limit_max: number(1000, 'Most images in one list.', { min: 1 }),
  image_property_quota: number(128, 'Most properties an image may have; negative: no limit.'),
  image_tag_quota: number(128, 'Most tags an image may have; negative: no limit.'),
  image_member_quota: number(128, 'Most projects an image may be shared with; negative: no limit.'),
  image_size_total: quota('Most mebibytes of image data a project may have.'),
  image_stage_total: quota('Most mebibytes of staged data a project may have.'),
  image_count_total: quota('Most images a project may have.'),
  image_count_uploading: quota('Most images a project may be uploading or importing at a time.'),
  enabled_import_methods: list(
    ['glance-direct'],
    'Import methods offered: `glance-direct` takes staged data, `web-download` fetches a URL.',
  ),
  import_allowed_ports: list(['80', '443'], 'Ports `web-download` may connect to.'),
  import_allowed_hosts: list(
    [],
    'Hosts `web-download` may connect to although they are on this machine or in a private network.',
  ),
  task_time_to_live: number(48, 'Hours a task is kept after it ended.', { min: 1 }),
} as const;
