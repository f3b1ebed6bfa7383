import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Layout } from '#contracts/machine.ts';
import { findProcesses } from '#drivers/virt/qemu/process.ts';
import { lockHolder } from '#kit/process/lock.ts';
import { isAlive, type ProcessId, signalProcess } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import type { Chronicle } from './chronicle.ts';
import type { Random } from './random.ts';

/** Something that can be killed. */
export interface Victim {
  readonly name: string;
  /** How often it is killed beside the others. */
  readonly weight: number;
  /** What of it runs at the moment. */
  readonly find: (random: Random) => Promise<Prey | undefined>;
  /** What a person has to do about it; left out: it comes back by itself. */
  readonly revive?: () => Promise<unknown>;
}

interface Prey {
  readonly id: ProcessId;
  /** The server, when it is a guest. */
  readonly server?: string;
}

/** A process the supervisor looks after. */
export const childOf = (layout: Layout, name: string, weight = 1): Victim => ({
  name,
  weight,
  find: async () => {
    const id = readState(layout.processes).find((child) => child.name === name)?.id;
    return id && isAlive(id) ? { id } : undefined;
  },
});

/** The process that looks after the others: nobody brings it back but a person. */
export const supervisorOf = (layout: Layout, revive: () => Promise<unknown>, weight = 1): Victim => ({
  name: 'supervisor',
  weight,
  find: async () => {
    const id = lockHolder(layout.supervisorLock);
    return id && { id };
  },
  revive,
});

/** Any guest's QEMU. */
export const anyGuest = (layout: Layout, guestUid: number, weight = 1): Victim => ({
  name: 'guest',
  weight,
  find: async (random) => {
    const guests = [...(await findProcesses(join(layout.agent, 'guests'), guestUid))];
    if (guests.length === 0) return undefined;
    const [server, [id]] = random.pick(guests);
    return { server, id: id! };
  },
});

/** How long it is between two kills, in milliseconds. */
export interface Pace {
  readonly least: number;
  readonly most: number;
}

/** Kills at random moments until the signal says so; now and then several at once. */
export async function killAtRandom(
  victims: readonly Victim[],
  random: Random,
  pace: Pace,
  chronicle: Chronicle,
  signal: AbortSignal,
): Promise<void> {
  const revivals: Promise<unknown>[] = [];
  while (!signal.aborted) {
    await sleep(random.between(pace.least, pace.most), undefined, { signal }).catch(() => {});
    for (let more = true; more && !signal.aborted; more = random.chance(0.2)) {
      const victim = random.pick(victims, ({ weight }) => weight);
      const prey = await victim.find(random);
      if (!prey || !signalProcess(prey.id, 'SIGKILL')) continue;
      chronicle.killed(victim.name, prey.server);
      if (victim.revive) revivals.push(victim.revive());
    }
  }
  await Promise.all(revivals);
}
