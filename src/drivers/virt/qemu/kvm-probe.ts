import { statSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { GuestUser } from './guest-user.ts';
import { lastWordsIn, spawnQemu } from './spawn.ts';

/** The exit status of a QEMU whose guest wrote {@link bootDisk}'s word to its debug port: (0x10 << 1) | 1. */
const success = 'status 33';
/** On KVM it takes a fifth of a second; a KVM that is itself emulated takes longer than doing without. */
const patienceMs = 3000;

/** `mov al, 0x10; out 0xf4, al; cli; hlt` in the boot sector of a disk large enough for the firmware to take it for one. */
function bootDisk(): Buffer {
  const sector = Buffer.alloc(1 << 20);
  Buffer.from([0xb0, 0x10, 0xe6, 0xf4, 0xfa, 0xf4]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/**
 * Whether a guest really runs with this acceleration: a boot sector is started by the firmware and must be heard from.
 * That the device node opens and answers proves nothing. Answers why not, or undefined when it does.
 */
export async function probeAcceleration(
  acceleration: 'kvm' | 'tcg',
  scratch: string,
  user: GuestUser | undefined,
  timeoutMs = patienceMs,
): Promise<string | undefined> {
  if (acceleration === 'kvm' && !exists('/dev/kvm')) return 'there is no /dev/kvm';
  const disk = join(scratch, `${acceleration}.img`);
  await writeFile(disk, bootDisk(), { mode: 0o644 });
  const argv = [
    ['-machine', 'q35', '-accel', acceleration, '-cpu', cpuModel(acceleration), '-m', '16'],
    ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ['-blockdev', `driver=file,filename=${disk},node-name=disk,read-only=on`],
    ['-device', 'virtio-blk-pci,drive=disk,bootindex=1', '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x01'],
  ].flat();
  const words = await open(join(scratch, 'words'), 'w+');
  const probe = spawnQemu(argv, user, kvmGroups(acceleration), words.fd);
  try {
    const end = await Promise.race([
      probe.ended.catch((error: Error) => error.message),
      sleep(timeoutMs, 'no sign of life in time', { ref: false }),
    ]);
    if (end === success) return undefined;
    return (await lastWordsIn(words)) ?? `the guest ended with ${end}`;
  } finally {
    probe.kill();
    await words.close();
  }
}

/** The processor guests see: the host's own, or everything the emulator can do. */
export const cpuModel = (acceleration: 'kvm' | 'tcg'): string => (acceleration === 'kvm' ? 'host' : 'max');

/** The supplementary groups the guest user needs to open /dev/kvm. */
export function kvmGroups(acceleration: 'kvm' | 'tcg'): number[] {
  if (acceleration !== 'kvm' || !exists('/dev/kvm')) return [];
  const { gid } = statSync('/dev/kvm');
  return gid === 0 ? [] : [gid];
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
