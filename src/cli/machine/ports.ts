import type { Layout, MachineConfig } from '#contracts/machine.ts';
import { isAlive, listeners } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import { UserError } from '../output.ts';

/** A line for every port of ours that somebody else listens on. Our own processes that outlived their supervisor do not count. */
export function takenPorts(layout: Layout, config: MachineConfig): string[] {
  const own = new Set(readState(layout.processes).flatMap(({ id }) => (id && isAlive(id) ? [id.pid] : [])));
  return [...listeners(Object.values(config.ports))]
    .filter(([, { pid }]) => pid === undefined || !own.has(pid))
    .map(([port, { address, pid, command }]) => {
      const service = Object.entries(config.ports).find(([, number]) => number === port)![0];
      const owner = pid === undefined ? "another user's process" : `pid ${pid}: ${command?.slice(0, 120)}`;
      return `port ${port} (${service}) is listened on at ${address} by ${owner}`;
    });
}

/** Throws with the owner of every port that is taken. */
export function checkPorts(layout: Layout, config: MachineConfig): void {
  const taken = takenPorts(layout, config);
  if (taken.length > 0)
    throw new UserError(
      'the cloud cannot listen:',
      ...taken,
      'end these processes, or choose other ports in section [ports] of the configuration file',
    );
}
