import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

import { isAnyAddress, type Layout, type MachineConfig } from '#contracts/machine.ts';
import { type Listener, listeners } from '#kit/process/listeners.ts';
import { isAlive } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import { UserError } from '../output.ts';

/** Somebody who listens where the cloud is to listen. */
export interface TakenPorts {
  /** For people: which ports, and whose they are. */
  readonly text: string;
  /** The command that frees them; undefined when we may not see who listens. */
  readonly mend: string | undefined;
}

/** Who is in the way, once for each process. Our own processes that outlived their supervisor do not count. */
export function takenPorts(layout: Layout, config: MachineConfig): TakenPorts[] {
  const own = new Set(readState(layout.processes).flatMap(({ id }) => (id && isAlive(id) ? [id.pid] : [])));
  const others = listeners(Object.values(config.ports)).filter(
    ({ pid, address }) => (pid === undefined || !own.has(pid)) && meets(config.api.listen, address),
  );
  const byOwner = Map.groupBy(others, ({ pid, address }) => `${pid} ${address}`);
  return [...byOwner.values()].map((owned) => describe(owned, config));
}

/** Whether nobody can listen at one address while another one is listened at. */
const meets = (wanted: string, taken: string): boolean =>
  wanted === taken || isAnyAddress(wanted) || isAnyAddress(taken) || isIP(wanted) === 0;

/** What one process has of our ports, at one address. */
function describe(owned: readonly Listener[], { ports }: MachineConfig): TakenPorts {
  const { address, pid, command = '' } = owned[0]!;
  const service = (port: number) => Object.entries(ports).find(([, number]) => number === port)![0];
  const names = owned.map(({ port }) => `${port} (${service(port)})`).join(', ');
  const listened = `port${owned.length > 1 ? 's' : ''} ${names} at ${address}`;
  const cloud = /\/processes\/(?:control|sim)\.ts --data (\S+)/.exec(command)?.[1];
  if (pid === undefined) return { text: `${listened}: another user's process`, mend: undefined };
  if (cloud)
    return {
      text: `${listened}: pid ${pid}, the cloud in ${cloud}`,
      mend: `stratalith down --data ${cloud}`,
    };
  return { text: `${listened}: pid ${pid}, ${command.slice(0, 120)}`, mend: `kill ${pid}` };
}

/** Throws with the owner of every port that is taken, and when the address to listen at is not of this machine. */
export function checkPorts(layout: Layout, config: MachineConfig): void {
  const { listen } = config.api;
  if (isIP(listen) !== 0 && !isOwn(listen))
    throw new UserError(`the cloud cannot listen at ${listen}: it is no address of this machine`);
  const taken = takenPorts(layout, config);
  if (taken.length > 0)
    throw new UserError(
      'the cloud cannot listen, since these are taken:',
      ...taken.map(({ text }) => text),
      ...new Set(taken.flatMap(({ mend }) => (mend ? [`free them: ${mend}`] : []))),
      'or choose other ports in section [ports] of the configuration file',
    );
}

/** Whether this machine can listen at an address. */
const isOwn = (address: string): boolean =>
  isAnyAddress(address) ||
  address.startsWith('127.') ||
  Object.values(networkInterfaces()).some((all) => all?.some((own) => own.address === address));
