import { isKind, messageOf, notFound } from '#kit/errors/cloud-error.ts';
import { Restart, saga, type StepContext } from '#kit/saga/saga.ts';

import { zoneOf } from '../aggregates/zones.ts';
import type { OperationInput } from '../operations/begin.ts';
import { guestSpecOf } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import { dropInterfaces, makeInterfaces, unbindInterfaces } from '../operations/interfaces.ts';
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
import { powerStates, type Server } from './server.ts';

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

/** Builds a server: a place, ports, a guest. A host that fails is left for another one. */
export const createSaga = saga<Compute, CreateInput>('compute.server.create@1')
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
      const { deps, input } = step;
      await deps.parts.placement.release(input.serverId);
      const server = await deps.servers.find(input.serverId);
      const nowhere = {
        host: null,
        node: null,
        availabilityZone: server?.pinnedAvailabilityZone ?? null,
      };
      if (step.restarts) {
        await tryToAdvance(step, { ...nowhere, taskState: 'scheduling' });
        return;
      }
      await dropInterfaces(deps, input.serverId, input.interfaces);
      await fail(step, { ...nowhere, vmState: 'error', interfaces: [] });
      deps.adminPasswords.delete(input.serverId);
    },
  })
  .step('spawn', {
    do: async (step) => {
      const { deps, input, outputs } = step;
      const { host } = outputs.schedule;
      const server = await currentServer(step);
      // no other host would give it the ports it cannot have here
      const interfaces = await makeInterfaces(deps, server, input.interfaces, input.securityGroups, host);
      try {
        await spawn(step, { ...server, interfaces }, host);
      } catch (error) {
        throw step.signal.aborted ? error : elsewhere(step, host, error);
      }
      await complete(step, {
        vmState: 'active',
        powerState: powerStates.running,
        launchedAt: deps.parts.clock.now(),
      });
      deps.adminPasswords.delete(server.id);
    },
    undo: async (step) => {
      const { schedule: place } = step.outputs;
      if (!place) return;
      const ports = step.input.interfaces.map((nic) => nic.portId);
      await callHost(step.deps, place.host, 'guest.destroy', { id: step.input.serverId, ports }).catch(
        leaveToOrphans,
      );
      if (step.restarts) await unbindInterfaces(step.deps, step.input.interfaces);
    },
  })
  .build();

async function spawn(step: Progress & { signal: AbortSignal }, server: Server, host: string): Promise<void> {
  const { deps, signal } = step;
  await checkGroupPolicy(deps, server);
  await advance(step, { interfaces: server.interfaces, taskState: 'spawning' });
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
