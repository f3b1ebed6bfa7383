import { readFileSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { replaceFile } from '#kit/files/durable.ts';
import type { Logger } from '#kit/log/log.ts';

import { makeGuestDirectory } from './files.ts';
import type { GuestUser } from './guest-user.ts';
import { cpuModel, kvmGroups, probeAcceleration } from './kvm-probe.ts';
import type { QemuOptions } from './options.ts';
import { lastWordsIn, spawnQemu, untilAnswers } from './spawn.ts';

/** What this host's QEMU can do. */
export interface Capabilities {
  readonly version: { readonly major: number; readonly minor: number; readonly micro: number };
  readonly acceleration: 'kvm' | 'tcg';
  /** Why it is not KVM, for people. */
  readonly accelerationReason: string;
  /** Versioned machine types by every name they go by. */
  readonly machines: Readonly<Record<string, string>>;
  /** Device models that can be had. */
  readonly devices: readonly string[];
  /** Features of the processor guests see, in QEMU's spelling. */
  readonly cpuFeatures: readonly string[];
}

const answerTimeoutMs = 20_000;

/** The devices anybody here asks about; QEMU knows hundreds. */
const devicesWeUse = new Set([
  'virtio-net-pci',
  'e1000',
  'e1000e',
  'rtl8139',
  'virtio-blk-pci',
  'virtio-scsi-pci',
  'ide-hd',
  'piix3-ide',
  'virtio-vga',
  'VGA',
  'cirrus-vga',
  'qxl-vga',
  'virtio-rng-pci',
  'qemu-xhci',
]);

/**
 * What QEMU can do on this host. Asked once per boot of the host, version of the program and wish for acceleration, and
 * kept in `directory` in between.
 */
export async function capabilities(
  directory: string,
  wish: QemuOptions['acceleration'],
  user: GuestUser | undefined,
  log: Logger,
): Promise<Capabilities> {
  const file = join(directory, 'capabilities.json');
  const program = await stat('/usr/bin/qemu-system-x86_64');
  const key = [bootId(), program.mtimeMs, program.size, wish].join(' ');
  const known = readJson(file) as { key: string; capabilities: Capabilities } | undefined;
  if (known?.key === key) return known.capabilities;
  const found = await probe(directory, wish, user);
  log.info({ version: found.version, acceleration: found.acceleration }, found.accelerationReason);
  await replaceFile(file, JSON.stringify({ key, capabilities: found }), { mode: 0o600 });
  return found;
}

async function probe(
  directory: string,
  wish: QemuOptions['acceleration'],
  user: GuestUser | undefined,
): Promise<Capabilities> {
  const scratch = join(directory, 'probe');
  await rm(scratch, { recursive: true, force: true });
  try {
    await makeGuestDirectory(scratch, user);
    const kvm = wish === 'tcg' ? 'switched off' : await probeAcceleration('kvm', scratch, user);
    if (wish === 'kvm' && kvm !== undefined)
      throw new Error(`KVM was asked for, but a guest does not run on it: ${kvm}`);
    const acceleration = kvm === undefined ? 'kvm' : 'tcg';
    const reason = kvm === undefined ? 'a guest runs on KVM' : `guests are emulated, since KVM: ${kvm}`;
    return { ...(await ask(acceleration, scratch, user)), acceleration, accelerationReason: reason };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Asks a QEMU without a machine what it could do. */
async function ask(
  acceleration: 'kvm' | 'tcg',
  scratch: string,
  user: GuestUser | undefined,
): Promise<Omit<Capabilities, 'acceleration' | 'accelerationReason'>> {
  const socket = join(scratch, 'qmp.sock');
  const argv = [
    ['-machine', `none,accel=${acceleration}`, '-nodefaults', '-no-user-config', '-display', 'none', '-S'],
    ['-qmp', `unix:${socket},server=on,wait=off`],
  ].flat();
  const words = await open(join(scratch, 'words'), 'w+');
  const asked = spawnQemu(argv, user, kvmGroups(acceleration), words.fd);
  try {
    const qmp = await untilAnswers(asked, socket, answerTimeoutMs).catch(async (error: Error) => {
      throw new Error((await lastWordsIn(words)) ?? error.message, { cause: error });
    });
    const [machines, types, expansion] = await Promise.all([
      qmp.execute('query-machines', undefined),
      qmp.execute('qom-list-types', { implements: 'device' }),
      qmp.execute('query-cpu-model-expansion', {
        type: 'full',
        model: { name: cpuModel(acceleration) },
      }),
    ]);
    await qmp.execute('quit', undefined).catch(() => {});
    return {
      version: qmp.version,
      machines: Object.fromEntries(
        machines.flatMap(({ name, alias }) => [[name, name], ...(alias ? [[alias, name]] : [])]),
      ) as Record<string, string>,
      devices: types.map(({ name }) => name).filter((name) => devicesWeUse.has(name)),
      cpuFeatures: Object.entries(expansion.model.props)
        .filter(([, value]) => value === true)
        .map(([name]) => name)
        .sort(),
    };
  } finally {
    asked.kill();
    await asked.ended.catch(() => {});
    await words.close();
  }
}

/** Identifies this boot of the host. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
