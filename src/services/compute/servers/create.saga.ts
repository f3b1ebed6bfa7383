import { isKind, messageOf, notFound } from '#kit/errors/cloud-error.ts';
import { Restart, saga, type StepContext } from '#kit/saga/saga.ts';

import { zoneOf } from '../aggregates/zones.ts';
import type { OperationInput } from '../operations/begin.ts';
import { guestSpecOf } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import {
  bindInterfaces,
  dropInterfaces,
  makeInterfaces,
  unbindInterfaces,
} from '../operations/interfaces.ts';
import {
  advance,
  complete,
  currentServer,
  fail,
  Overtaken,
  type Progress,
  tryToAdvance,
} from '../operations/progress.ts';
import type { NamedHost } from '../scheduler/host-state.ts';
import { checkGroupPolicy } from '../scheduler/late-check.ts';
import { type Place, retriesExceeded } from '../scheduler/scheduler.ts';
import type { Compute } from '../service.ts';
import type { PlannedInterface } from './networks.ts';
import { powerStates } from './server.ts';

/** What the build of a server needs beside its row. */
export interface CreateInput extends OperationInput {
  readonly interfaces: readonly PlannedInterface[];
  /** Ids of the groups its new ports join; none: the project's default. */
  readonly securityGroups: readonly string[];
  readonly forced?: NamedHost;
  readonly destination?: NamedHost;
}

/** How many hosts a build is tried on: Nova's `[scheduler] max_attempts`. */
const maxAttempts = 3;

/** Builds a server: ports, a place, a guest. A host that fails is left for another one. */
export const createSaga = saga<Compute, CreateInput>('compute.server.create@1')
  .step('network', {
    do: async (step) => {
      const server = await currentServer(step);
      const { interfaces: planned, securityGroups } = step.input;
      const interfaces = await makeInterfaces(step.deps, server, planned, securityGroups);
      if (interfaces.length > 0) await advance(step, { interfaces });
    },
    undo: async (step) => {
      await dropInterfaces(step.deps, step.input.serverId, step.input.interfaces);
      await tryToAdvance(step, { interfaces: [] });
      await fail(step, { vmState: 'error' });
      step.deps.adminPasswords.delete(step.input.serverId);
    },
  })
  .step('schedule', {
    do: async (step) => {
      const server = await currentServer(step);
      const { forced, destination } = step.input;
      // a step repeated after a crash finds its own claim
      if (server.host !== null) return placeOf(step.deps, server.host);
      return step.deps.scheduler.place(
        {
          server,
          tried: triedIn(step.memo),
          ...(forced && { forced }),
          ...(destination && { destination }),
        },
        ({ host, node, zone }) =>
          advance(step, { host, node, availabilityZone: zone, taskState: 'networking' }),
      );
    },
    undo: async (step) => {
      await step.deps.parts.placement.release(step.input.serverId);
      const server = await step.deps.servers.find(step.input.serverId);
      await tryToAdvance(step, {
        host: null,
        node: null,
        availabilityZone: server?.pinnedAvailabilityZone ?? null,
        taskState: 'scheduling',
      });
    },
  })
  .step('spawn', {
    do: async (step) => {
      const { host } = step.outputs.schedule;
      try {
        await spawn(step, host);
      } catch (error) {
        throw step.signal.aborted ? error : elsewhere(step, host, error);
      }
      const { clock } = step.deps.parts;
      await complete(step, {
        vmState: 'active',
        powerState: powerStates.running,
        launchedAt: clock.now(),
      });
      step.deps.adminPasswords.delete(step.input.serverId);
    },
    undo: async (step) => {
      const { schedule: place } = step.outputs;
      if (!place) return;
      const ports = step.input.interfaces.map((nic) => nic.portId);
      await callHost(step.deps, place.host, 'guest.destroy', { id: step.input.serverId, ports }).catch(
        leaveToOrphans,
      );
      await unbindInterfaces(step.deps, step.input.interfaces);
    },
  })
  .build();

async function spawn(step: Progress & { signal: AbortSignal }, host: string): Promise<void> {
  const { deps, signal } = step;
  const server = await currentServer(step);
  await checkGroupPolicy(deps, server);
  await bindInterfaces(deps, server.interfaces, host);
  await advance(step, { taskState: 'spawning' });
  const spec = await guestSpecOf(deps, server);
  await callHost(deps, host, 'guest.create', { spec }, { timeoutMs: slowMs, signal });
}

/** What to do about a host that failed: go to another one, unless there is no choice or there were enough of them. */
function elsewhere(
  { input, memo, attempt }: Pick<StepContext<Compute, CreateInput, object>, 'input' | 'memo' | 'attempt'>,
  host: string,
  error: unknown,
): Error {
  const reason = messageOf(error);
  if (input.forced || error instanceof Overtaken) return error as Error;
  if (attempt >= maxAttempts) return retriesExceeded(input.serverId);
  return new Restart('schedule', { tried: [...triedIn(memo), host], reason }, reason);
}

const triedIn = (memo: Readonly<Record<string, unknown>>): string[] => (memo.tried as string[]) ?? [];

/** The place of a server that is on a host already. */
async function placeOf(service: Compute, name: string): Promise<Place> {
  const host = await service.hosts.find(name);
  if (!host) throw notFound(`Compute host ${name} could not be found.`);
  const zone = zoneOf(await service.aggregates.all(), name);
  return { host: name, node: name, provider: host.uuid, zone };
}

/** A guest on a host that is out of reach is found and removed when the host comes back. */
function leaveToOrphans(error: unknown): void {
  if (!isKind(error, 'unavailable')) throw error;
}
