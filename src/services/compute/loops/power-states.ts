import type { GuestState, PowerState } from '#contracts/guest.ts';
import { isKind, messageOf } from '#kit/errors/cloud-error.ts';
import type { Loop } from '#kit/loop/loops.ts';
import type { Saga } from '#kit/saga/saga.ts';

import { beginOperation, type OperationInput, recordAction, subjectOf } from '../operations/begin.ts';
import { callHost } from '../operations/host-calls.ts';
import { stopSaga } from '../server-actions/power.saga.ts';
import { offloadSaga } from '../server-actions/shelve.saga.ts';
import { powerStates, type Server } from '../servers/server.ts';
import { type Rule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { systemRequester } from './system-requester.ts';

/** Keeps servers in line with what their guests are: Nova's _sync_power_states and its lifecycle events. */
export class PowerStates {
  readonly loop: Loop;
  readonly #service: Compute;
  /** Servers that are looked at once what is being done to them is over. */
  readonly #awaited = new Set<string>();

  constructor(service: Compute) {
    this.#service = service;
    this.loop = {
      name: 'compute.power-states',
      everyMs: service.parts.options.sync_power_state_interval * 1000,
      run: () => this.#syncAll(),
    };
  }

  /** Looks at a host whose agent just said hello, without keeping the agent waiting. */
  hostSaidHello(host: string): void {
    void this.#later(`host ${host}`, () => this.#syncHost(host));
  }

  /** A guest changed by itself: what that means for its server is seen to at once. */
  async guestChanged(host: string, guest: GuestState): Promise<void> {
    const server = await this.#service.servers.find(guest.id);
    if (server?.host !== host) return;
    if (server.taskState === null) await syncServer(this.#service, server, guest.power);
    else this.#lookAfterwards(server.id);
  }

  /** Looks at one server, without keeping anybody waiting. */
  lookSoon(id: string): void {
    void this.#later(`server ${id}`, () => this.#look(id));
  }

  async #syncAll(): Promise<void> {
    const { hosts } = this.#service;
    for (const host of await hosts.list())
      if (hosts.isUp(host)) await this.#later(`host ${host.name}`, () => this.#syncHost(host.name));
  }

  /** Brings the servers of one host in line with their guests. */
  async #syncHost(host: string): Promise<void> {
    // read before the guests are: a server that is idle now has its guest, whatever begins in between
    const servers = await this.#service.servers.list({ host, deleted: 'no' });
    for (const { id } of servers.filter(isBusy)) this.#lookAfterwards(id);
    await this.#sync(
      host,
      servers.filter((server) => !isBusy(server)),
    );
  }

  /**
   * What a guest should be nobody can say while something is done to its server. It may have died meanwhile, unseen by
   * that: it is looked at again once that is over.
   */
  #lookAfterwards(id: string): void {
    if (this.#awaited.has(id)) return;
    this.#awaited.add(id);
    void this.#later(`server ${id}`, async () => {
      const { sagas } = this.#service.parts;
      try {
        for (const saga of await sagas.active(subjectOf(id))) await sagas.finished(saga);
      } finally {
        this.#awaited.delete(id);
      }
      await this.#look(id);
    });
  }

  async #look(id: string): Promise<void> {
    const server = await this.#service.servers.find(id);
    if (!server?.host) return;
    if (isBusy(server)) this.#lookAfterwards(id);
    else await this.#sync(server.host, [server]);
  }

  async #sync(host: string, servers: readonly Server[]): Promise<void> {
    if (servers.length === 0) return;
    const guests = await callHost(this.#service, host, 'guest.list', {}, { patienceMs: 0 });
    const byId = new Map(guests.map((guest) => [guest.id, guest]));
    for (const server of servers) await syncServer(this.#service, server, byId.get(server.id)?.power);
  }

  async #later(what: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) =>
      this.#service.parts.log.warn({ err: error }, `power states of ${what}: ${messageOf(error)}`),
    );
  }
}

const isBusy = (server: Server): boolean => server.taskState !== null;

/** What a server should not be left in when its guest is in another state. */
async function syncServer(service: Compute, server: Server, power: PowerState | undefined): Promise<void> {
  if (power === undefined) return markLost(service, server);
  const seen = powerStates[power];
  const off = power === 'shutdown' || power === 'crashed';
  switch (server.vmState) {
    case 'active':
    case 'paused':
    case 'suspended':
      if (off) return markStopped(service, server, seen);
      break;
    case 'stopped':
      if (!off) return mend(service, server, stopAgain, stopSaga);
      break;
    default:
  }
  if (server.powerState !== seen) await update(service, server, { powerState: seen });
}

/** A server that should be off is switched off again, as Nova's force_stop does. */
const stopAgain: Rule = { ...rules.stop, from: ['stopped'] };

/** The guest shut down, or died, by itself; one that was suspended has lost its state, since it would not be off else. */
async function markStopped(service: Compute, server: Server, powerState: number): Promise<void> {
  if (await update(service, server, { vmState: 'stopped', powerState }))
    await recordAction(systemRequester(service), server, 'stop', []);
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
