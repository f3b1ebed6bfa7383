import { readdirSync, readFileSync } from 'node:fs';
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

/** Whether that very process still runs. A zombie does not, once its last thread has ended: until then it holds its files. */
export function isAlive({ pid, started, boot }: ProcessId): boolean {
  const stat = statOf(pid);
  if (stat?.started !== started || boot !== thisBoot() || stat.state === 'X') return false;
  return stat.state !== 'Z' || hasThreads(pid);
}

/** Whether a process has threads besides its first. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
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
