import { flag, number, oneOf, text, type Values } from '#kit/config/options.ts';

import { defaultGuestUser } from './guest-user.ts';

/** The `[qemu]` section of the configuration file. */
export const qemuOptions = {
  guest_user: text(defaultGuestUser, 'Unprivileged account guests run as.'),
  acceleration: oneOf(
    ['auto', 'kvm', 'tcg'],
    'auto',
    'How guests’ instructions are carried out. `auto` uses KVM where a tiny guest really runs on it, else emulation.',
  ),
  tcg_cache_mb: number(
    64,
    'Translation cache of an emulated guest, in MiB; most of what emulation costs in memory.',
    {
      min: 8,
      max: 4096,
    },
  ),
  disk_cache: oneOf(
    ['writeback', 'none', 'unsafe'],
    'writeback',
    'What guests’ disks do with the host’s page cache. `unsafe` forgets what was not written when the host loses power.',
  ),
  console_log_kb: number(1024, 'How much of what a guest writes to its serial console is kept, in KiB.', {
    min: 16,
    max: 1_048_576,
  }),
  compress_snapshots: flag(true, 'Whether snapshots are compressed: smaller images for more CPU time.'),
} as const;

/** The section as it was read, every option with a value. */
export type QemuOptions = Values<typeof qemuOptions>;

/** Every option at its default. */
export const defaultQemuOptions: QemuOptions = Object.fromEntries(
  Object.entries(qemuOptions).map(([name, option]) => [name, option.default]),
) as unknown as QemuOptions;
