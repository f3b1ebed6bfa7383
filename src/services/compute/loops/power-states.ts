import type { GuestState, PowerState } from '#contracts/guest.ts';
import { isKind, messageOf } from '#kit/errors/cloud-error.ts';
import type { Loop } from '#kit/loop/loops.ts';
import type { Saga } from '#kit/saga/saga.ts';

import { beginOperation, type OperationInput, recordAction } from '../operations/begin.ts';
import { callHost } from '../operations/host-calls.ts';
import { stopSaga } from '../server-actions/power.saga.ts';
import { offloadSaga } from '../server-actions/shelve.saga.ts';
import { powerStates, type Server } from '../servers/server.ts';
import { type Rule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { systemRequester } from './system-requester.ts';

/** Compares, now and then, what servers should be with what their guests are: Nova's _sync_power_states. */
export const powerStateLoop = (service: Compute): Loop => ({
  name: 'compute.power-states',
  everyMs: service.parts.options.sync_power_state_interval * 1000,
  run: async () => {
    for (const host of await service.hosts.list()) {
      if (!service.hosts.isUp(host)) continue;
      await syncLater(service, host.name);
    }
  },
});

/** Looks at a host whose agent just said hello, without keeping the agent waiting. */
export async function syncLater(service: Compute, host: string): Promise<void> {
  await syncHost(service, host).catch((error: unknown) =>
    service.parts.log.warn({ err: error, host }, `power states: ${messageOf(error)}`),
  );
}

/** Brings the servers of one host in line with their guests. */
export async function syncHost(service: Compute, host: string): Promise<void> {
  // read before the guests are: a server that is idle now has its guest, whatever begins in between
  const idle = (await service.servers.list({ host, deleted: 'no' })).filter((s) => s.taskState === null);
  if (idle.length === 0) return;
  const guests = await callHost(service, host, 'guest.list', {}, { patienceMs: 0 });
  const byId = new Map(guests.map((guest) => [guest.id, guest]));
  for (const server of idle) await syncServer(service, server, byId.get(server.id)?.power);
}

/** A guest changed by itself: what that means for its server is seen to at once. */
export async function guestChanged(service: Compute, host: string, guest: GuestState): Promise<void> {
  const server = await service.servers.find(guest.id);
  if (server?.host === host && server.taskState === null) await syncServer(service, server, guest.power);
}

/** What a server should not be left in when its guest is in another state. */
async function syncServer(service: Compute, server: Server, power: PowerState | undefined): Promise<void> {
  if (power === undefined) return markLost(service, server);
  const seen = powerStates[power];
  const off = power === 'shutdown' || power === 'crashed';
  switch (server.vmState) {
    case 'active':
      if (off) return markStopped(service, server, seen);
      break;
    case 'stopped':
      if (!off) return mend(service, server, stopAgain, stopSaga);
      break;
    case 'paused':
      if (off) return markStopped(service, server, seen);
      break;
    default:
  }
  if (server.powerState !== seen) await update(service, server, { powerState: seen });
}

/** A server that should be off is switched off again, as Nova's force_stop does. */
const stopAgain: Rule = { ...rules.stop, from: ['stopped'] };

/** The guest shut down, or died, by itself. */
async function markStopped(service: Compute, server: Server, powerState: number): Promise<void> {
  if (await update(service, server, { vmState: 'stopped', powerState }))
    await recordAction(systemRequester(service), server.id, 'stop', []);
}

/**
 * The guest is not on its host any more: nothing can be done with the server but delete or rebuild it. A shelved one
 * needs no guest, its image is enough.
 */
async function markLost(service: Compute, server: Server): Promise<void> {
  if (server.vmState === 'shelved') return mend(service, server, rules.shelveOffload, offloadSaga);
  const expected = ['active', 'stopped', 'paused', 'suspended', 'rescued', 'resized'];
  if (!expected.includes(server.vmState)) return;
  const now = service.parts.clock.now();
  const message = `The guest of instance ${server.id} is not on its host any more.`;
  const fault = { code: 500, message, details: null, createdAt: now };
  await update(service, server, { vmState: 'error', powerState: powerStates.pending, fault });
}

/** Begins what brings a server in line, unless something else was begun with it since it was looked at. */
async function mend(
  service: Compute,
  server: Server,
  rule: Rule,
  saga: Saga<Compute, OperationInput>,
): Promise<void> {
  await beginOperation(systemRequester(service), server, rule, saga, {}).catch((error: unknown) => {
    if (!isKind(error, 'conflict', 'notFound')) throw error;
  });
}

/** Changes a server unless something was begun with it since it was looked at. */
const update = (service: Compute, server: Server, changes: Partial<Server>): Promise<boolean> =>
  service.servers.update(server.id, changes, {
    operation: server.operation,
    vmState: server.vmState,
    taskState: null,
    deletedAt: null,
  });
