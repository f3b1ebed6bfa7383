import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Tells how much CPU time the servers have used, in milliseconds. */
export interface CpuMeter {
  /** How it is measured, for the report. */
  readonly how: string;
  /** Absolute path of the control group, when it is one. */
  readonly group?: string;
  read(): number;
  close(): void;
}

/** A control group; a pid written to `file` puts that process in it. Undefined where we may not make one. */
export function newControlGroup(name: string): { file: string; meter: CpuMeter } | undefined {
  const root = ['/sys/fs/cgroup/cpuacct', '/sys/fs/cgroup'].find(
    (path) => existsSync(join(path, 'cpuacct.usage')) || existsSync(join(path, 'cgroup.controllers')),
  );
  if (!root) return undefined;
  const group = join(root, name);
  try {
    mkdirSync(group, { recursive: true });
  } catch {
    return undefined;
  }
  const nanoseconds = join(group, 'cpuacct.usage');
  const read = existsSync(nanoseconds)
    ? () => Number(readFileSync(nanoseconds, 'utf8')) / 1e6
    : () => Number(/usage_usec (\d+)/.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1]) / 1e3;
  return {
    file: join(group, 'cgroup.procs'),
    meter: {
      how: `control group ${group}`,
      group,
      read,
      close: () => rmdirSync(group),
    },
  };
}

const ticksPerSecond = 100;

/** The CPU time of these processes from /proc, in steps of 10 ms. */
export const processMeter = (pids: readonly number[]): CpuMeter => ({
  how: `/proc of ${pids.length} processes`,
  read: () =>
    pids.reduce((sum, pid) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return sum + ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
    }, 0),
  close: () => {},
});
