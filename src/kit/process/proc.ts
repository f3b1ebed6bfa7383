import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process that is told apart from a later one with the same number: by its start time, in clock ticks since boot, and
 * by the boot itself.
 */
export interface ProcessId {
  readonly pid: number;
  readonly started: string;
  readonly boot: string;
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

let boot: string | undefined;
const thisBoot = (): string => (boot ??= read('/proc/sys/kernel/random/boot_id')?.trim() ?? '');

/** State letter and start time of a process; undefined when there is none. */
function statOf(pid: number): { state: string; started: string } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // the command's name, in parentheses, may hold blanks and parentheses itself
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, started: fields[19]! };
}

/** The identity of a running process; undefined when there is no such process. */
export function processId(pid: number): ProcessId | undefined {
  const stat = statOf(pid);
  return stat && { pid, started: stat.started, boot: thisBoot() };
}

/** Whether that very process still runs. A zombie does not. */
export function isAlive({ pid, started, boot }: ProcessId): boolean {
  const stat = statOf(pid);
  return stat?.started === started && boot === thisBoot() && stat.state !== 'Z' && stat.state !== 'X';
}

/** Sends a signal to that very process; false when it is gone. Throws EPERM when it belongs to somebody else. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  try {
    return process.kill(id.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits for the end of a process that need not be a child; false when it outlives the time-out. */
export async function waitForEnd(id: ProcessId, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; isAlive(id); await sleep(25)) {
    if (Date.now() > deadline) return false;
  }
  return true;
}

/** Asks a process to end and, past the time-out, kills it. Resolves once it is gone. */
export async function endProcess(
  id: ProcessId,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<'ended' | 'killed'> {
  if (!signalProcess(id, signal) || (await waitForEnd(id, timeoutMs))) return 'ended';
  signalProcess(id, 'SIGKILL');
  await waitForEnd(id, 10_000);
  return 'killed';
}

/** The command line of a process, its arguments joined by blanks; its name for a kernel thread. */
export function commandOf(pid: number): string {
  const line = read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
  return line || read(`/proc/${pid}/comm`)?.trim() || '?';
}

/** Memory of a process in bytes: `rss` counts shared pages whole, `pss` its share of them (undefined for others' processes). */
export function memoryOf(pid: number): { rss: number; pss: number | undefined } | undefined {
  const status = read(`/proc/${pid}/status`);
  if (!status) return undefined;
  const kilobytes = (text: string | undefined, key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text ?? '')?.[1] ?? Number.NaN) * 1024;
  const pss = kilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss');
  return { rss: kilobytes(status, 'VmRSS') || 0, pss: Number.isNaN(pss) ? undefined : pss };
}

/** Who listens on a TCP port in this network namespace. */
export interface PortOwner {
  /** The address in the kernel's notation turned readable: `127.0.0.1`, `::`. */
  readonly address: string;
  /** Undefined when the owner is another user's process and we may not look. */
  readonly pid: number | undefined;
  readonly command: string | undefined;
}

/** Listeners on these ports; a port nobody listens on has no entry. */
export function listeners(ports: readonly number[]): Map<number, PortOwner> {
  const found = new Map<number, { address: string; inode: string }>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of (read(file) ?? '').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      const number = Number.parseInt(port, 16);
      if (state === '0A' && ports.includes(number) && !found.has(number))
        found.set(number, { address: readableAddress(address), inode });
    }
  if (found.size === 0) return new Map();
  const owners = socketOwners(new Set([...found.values()].map(({ inode }) => inode)));
  return new Map(
    [...found].map(([port, { address, inode }]) => {
      const pid = owners.get(inode);
      return [port, { address, pid, command: pid === undefined ? undefined : commandOf(pid) }];
    }),
  );
}

/** Which process holds each of these socket inodes. */
function socketOwners(inodes: ReadonlySet<string>): Map<string, number> {
  const owners = new Map<string, number>();
  for (const pid of readdirSync('/proc').map(Number)) {
    if (!pid) continue;
    let descriptors: string[];
    try {
      descriptors = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue;
    }
    for (const descriptor of descriptors) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode && inodes.has(inode)) owners.set(inode, pid);
      } catch {
        // closed meanwhile
      }
    }
  }
  return owners;
}

/** `0100007F` is 127.0.0.1: the kernel prints 32-bit words in the machine's byte order. */
function readableAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((b) => b === 0)) return '::';
  if (bytes.slice(0, 15).every((b) => b === 0) && bytes[15] === 1) return '::1';
  if (bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  return groups.join(':');
}
