import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Diagnostics } from '#contracts/guest.ts';
import { memoryOf } from '#kit/process/proc.ts';
import type { BlockStats } from '#protocols/qmp/commands.ts';

import { attachedSets, placeDisks } from './disk-places.ts';
import type { Guest } from './guest.ts';
import type { Nic } from './manifest.ts';

const MiB = 2 ** 20;
/** What the kernel counts processor time in. */
const nsPerTick = 10_000_000;

/** What a running guest uses now, as QEMU and the kernel count it; a guest that does not run has used nothing. */
export async function diagnose(guest: Guest): Promise<Diagnostics> {
  const { manifest, power, process } = guest;
  const { memoryMb } = manifest.spec;
  if (!process) {
    const memory = { maximumMb: memoryMb, usedMb: 0 };
    return { state: power, uptime: 0, cpus: [], memory, disks: [], nics: [] };
  }
  const { pid, started } = process.id;
  const [cpus, blocks, nics] = await Promise.all([
    process.qmp.execute('query-cpus-fast', undefined),
    process.qmp.execute('query-blockstats', undefined),
    Promise.all(manifest.nics.map(nicUse)),
  ]);
  const used = Math.round((memoryOf(pid)?.rss ?? 0) / MiB);
  return {
    state: power,
    uptime: await secondsSince(Number(started)),
    cpus: await Promise.all(
      cpus.map(async (cpu) => ({ id: cpu['cpu-index'], timeNs: await threadTime(pid, cpu['thread-id']) })),
    ),
    memory: { maximumMb: memoryMb, usedMb: Math.min(used, memoryMb) },
    disks: placeDisks(await attachedSets(guest), manifest).disks.flatMap(({ node, name }) =>
      blocks.filter((block) => block['node-name'] === node).map(({ stats }) => diskUse(name, stats)),
    ),
    nics,
  };
}

const diskUse = (name: string, stats: BlockStats['stats']): Diagnostics['disks'][number] => ({
  name,
  readBytes: stats.rd_bytes,
  readRequests: stats.rd_operations,
  writeBytes: stats.wr_bytes,
  writeRequests: stats.wr_operations,
  errors: stats.failed_rd_operations + stats.failed_wr_operations,
});

/** What the host's end of an interface sent, the guest received. */
async function nicUse({ mac, tap }: Nic): Promise<Diagnostics['nics'][number]> {
  const count = async (name: string) => {
    if (tap === null) return 0;
    const text = await readFile(join('/sys/class/net', tap, 'statistics', name), 'utf8').catch(() => '0');
    return Number(text);
  };
  const [rxBytes, rxPackets, txBytes, txPackets] = await Promise.all(
    ['tx_bytes', 'tx_packets', 'rx_bytes', 'rx_packets'].map(count),
  );
  return { mac, rxBytes: rxBytes!, rxPackets: rxPackets!, txBytes: txBytes!, txPackets: txPackets! };
}

/** Seconds since a moment in clock ticks after the host's boot. */
async function secondsSince(ticks: number): Promise<number> {
  const [uptime] = (await readFile('/proc/uptime', 'utf8')).split(' ');
  return Math.max(0, Math.floor(Number(uptime) - (ticks * nsPerTick) / 1e9));
}

/** Processor time of a thread in nanoseconds. */
async function threadTime(pid: number, thread: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) * nsPerTick;
}
