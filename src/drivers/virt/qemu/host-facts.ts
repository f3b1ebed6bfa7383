import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { cpus, loadavg, totalmem, uptime } from 'node:os';

import type { HostFacts } from '#contracts/guest.ts';
import { ownAddress } from '#contracts/machine.ts';

import type { Capabilities } from './capabilities.ts';
import { traitsOf } from './traits.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const vendors: Readonly<Record<string, string>> = { GenuineIntel: 'Intel', AuthenticAMD: 'AMD' };

/** What this host has and how much of it is in use; `directory` lies on the file system guests' disks are on. */
export async function hostFacts(directory: string, capabilities: Capabilities): Promise<HostFacts> {
  const { bsize, blocks, bavail } = await statfs(directory);
  const total = totalmem();
  const { version, acceleration, cpuFeatures } = capabilities;
  return {
    hypervisorType: 'QEMU',
    hypervisorVersion: version.major * 1_000_000 + version.minor * 1000 + version.micro,
    vcpus: cpus().length,
    memoryMb: Math.floor(total / MiB),
    memoryUsedMb: Math.floor((total - availableMemory()) / MiB),
    diskGb: Math.floor((blocks * bsize) / GiB),
    diskFreeGb: Math.floor((bavail * bsize) / GiB),
    architecture: 'x86_64',
    cpu: { ...processor(), features: cpuFeatures },
    acceleration,
    traits: traitsOf(capabilities),
    uptime: uptimeLine(),
    address: ownAddress(),
  };
}

function availableMemory(): number {
  const line = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

let known: Omit<HostFacts['cpu'], 'features'> | undefined;

/** Model and topology of the host's processors; they do not change while it runs. */
const processor = (): Omit<HostFacts['cpu'], 'features'> => (known ??= readProcessor());

function readProcessor(): Omit<HostFacts['cpu'], 'features'> {
  const entries = readFileSync('/proc/cpuinfo', 'utf8').trim().split(/\n\n+/);
  const field = (entry: string, name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(entry)?.[1];
  const distinct = (...names: string[]) =>
    new Set(entries.map((entry) => names.map((name) => field(entry, name) ?? '0').join(' '))).size;
  const first = entries[0]!;
  const sockets = distinct('physical id');
  const cores = distinct('physical id', 'core id');
  const vendor = field(first, 'vendor_id') ?? 'unknown';
  return {
    arch: 'x86_64',
    model: field(first, 'model name') ?? 'unknown',
    vendor: vendors[vendor] ?? vendor,
    topology: {
      cells: 1,
      sockets,
      cores: Math.max(1, Math.floor(cores / sockets)),
      threads: Math.max(1, Math.floor(entries.length / cores)),
    },
  };
}

/** What `uptime` prints. */
function uptimeLine(): string {
  const minutes = Math.floor(uptime() / 60);
  const days = Math.floor(minutes / 1440);
  const hours = `${Math.floor(minutes / 60) % 24}:${String(minutes % 60).padStart(2, '0')}`;
  const since = days > 0 ? `${days} day${days > 1 ? 's' : ''}, ${hours}` : hours;
  const load = loadavg().map((value) => value.toFixed(2));
  return ` ${new Date().toTimeString().slice(0, 8)} up ${since},  0 users,  load average: ${load.join(', ')}`;
}
