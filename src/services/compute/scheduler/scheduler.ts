import type { Candidate, PlacementContract } from '#contracts/placement.ts';
import { Mutex } from '#kit/db/mutex.ts';
import { CloudError } from '#kit/errors/cloud-error.ts';

import type { AggregateStore } from '../aggregates/store.ts';
import { zoneOf } from '../aggregates/zones.ts';
import type { HostStore } from '../hosts/store.ts';
import type { ServerGroup, ServerGroupStore } from '../server-groups/store.ts';
import type { Server } from '../servers/server.ts';
import type { ServerStore } from '../servers/store.ts';
import { hostFilters } from './filters.ts';
import { groupOf, idsOf } from './hints.ts';
import type { HostState, NamedHost, Placing, PlacingRequest } from './host-state.ts';
import { requirementsOf } from './requirements.ts';
import { byWeight } from './weighing.ts';

/** Where a server is put. */
export interface Place {
  readonly host: string;
  readonly node: string;
  readonly provider: string;
  readonly zone: string;
}

/** Nothing fits. Worded as Nova's NoValidHost. */
export const noValidHost = (reason: string) =>
  new CloudError('conflict', `No valid host was found. ${reason}`);

/** Every host that could have been tried was. Worded as Nova's MaxRetriesExceeded. */
export const retriesExceeded = (serverId: string) =>
  new CloudError(
    'conflict',
    `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${serverId}.`,
  );

/** What the scheduler looks at. */
export interface SchedulerParts {
  readonly placement: PlacementContract;
  readonly hosts: HostStore;
  readonly aggregates: AggregateStore;
  readonly servers: ServerStore;
  readonly serverGroups: ServerGroupStore;
}

const groupLockMs = 60_000;

/**
 * Finds hosts for servers: asks Placement who has room, filters, weighs, and claims the room on the best host that still
 * has it.
 */
export class Scheduler {
  readonly #parts: SchedulerParts;
  /** Servers of one group are placed one after the other, so that each sees where the last one went. */
  readonly #groupLocks = new Map<string, { lock: Mutex; users: number }>();

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  /**
   * Claims room for a server and tells `place` where, which writes it down. Throws, in the words of Nova's faults, when
   * no host will do.
   */
  async place(request: PlacingRequest, place: (place: Place) => Promise<void>): Promise<Place> {
    const group = groupOf(request.server.hints);
    if (group === undefined) return this.#place(request, undefined, place);
    return this.#inTurn(group, async () =>
      this.#place(request, await this.#parts.serverGroups.find(group), place),
    );
  }

  /** Claims room on the host a server is on, e.g. for a larger flavor. Throws as {@link place} does. */
  async claimHere(server: Server, provider: string): Promise<void> {
    const { resources } = requirementsOf(server.flavor, server.image);
    if (!(await this.#claim(server, { provider, resources })))
      throw noValidHost('There are not enough hosts available.');
  }

  async #place(
    request: PlacingRequest,
    group: ServerGroup | undefined,
    place: (place: Place) => Promise<void>,
  ): Promise<Place> {
    const { server, tried } = request;
    const candidates = await this.#candidates(server);
    if (candidates.length === 0) throw tried.length > 0 ? retriesExceeded(server.id) : noValidHost('');
    const placing = await this.#lookUp(request, group);
    const hosts = this.#choose(await this.#hostStates(candidates, placing), placing);
    const byProvider = new Map(candidates.map((candidate) => [candidate.provider, candidate]));
    for (const host of hosts) {
      if (!(await this.#claim(server, byProvider.get(host.uuid)!))) continue;
      const found = { host: host.name, node: host.name, provider: host.uuid, zone: host.zone };
      await place(found);
      return found;
    }
    if (tried.length > 0) throw retriesExceeded(server.id);
    throw noValidHost('There are not enough hosts available.');
  }

  /** Who has room. What the server itself claimed before a crash does not stand in its way. */
  async #candidates(server: Server): Promise<Candidate[]> {
    const { placement } = this.#parts;
    const query = requirementsOf(server.flavor, server.image);
    const found = await placement.candidates(query);
    if (found.length > 0 || Object.keys(await placement.allocations(server.id)).length === 0) return found;
    await placement.release(server.id);
    return placement.candidates(query);
  }

  #claim(server: Server, candidate: Pick<Candidate, 'provider' | 'resources'>): Promise<boolean> {
    return this.#parts.placement.claim({
      consumer: server.id,
      projectId: server.projectId,
      userId: server.userId,
      allocations: { [candidate.provider]: candidate.resources },
    });
  }

  async #lookUp(request: PlacingRequest, group: ServerGroup | undefined): Promise<Placing> {
    const { hints, id } = request.server;
    const hinted = [...idsOf(hints.same_host), ...idsOf(hints.different_host)];
    const servers = hinted.length > 0 ? await this.#parts.servers.list({ ids: hinted, deleted: 'no' }) : [];
    return {
      ...request,
      group,
      groupHosts: group ? await this.#parts.serverGroups.hostsOf(group.id, [id]) : new Map(),
      hintedHosts: new Map(servers.flatMap((s) => (s.host === null ? [] : [[s.id, s.host] as const]))),
    };
  }

  /** The hosts behind Placement's candidates, with all that filters and weighers look at. */
  async #hostStates(candidates: readonly Candidate[], placing: Placing): Promise<HostState[]> {
    const { hosts, aggregates, servers } = this.#parts;
    const byUuid = new Map((await hosts.list()).map((host) => [host.uuid, host]));
    const all = await aggregates.all();
    const counts = await servers.countByHost();
    return candidates.flatMap((candidate) => {
      const host = byUuid.get(candidate.provider);
      if (!host) return [];
      const count = counts.get(host.name);
      return [
        {
          name: host.name,
          uuid: host.uuid,
          host,
          usable: hosts.isUsable(host),
          returning: !host.service.disabled && hosts.isExpected(host),
          zone: zoneOf(all, host.name),
          aggregates: all.filter((aggregate) => aggregate.hosts.includes(host.name)),
          resources: candidate.summary,
          servers: count?.servers ?? 0,
          busy: count?.busy ?? 0,
          groupMembers: placing.groupHosts.get(host.name) ?? 0,
        },
      ];
    });
  }

  /** The hosts that will do, best first. A forced host is taken as it is. */
  #choose(hosts: readonly HostState[], placing: Placing): HostState[] {
    const { forced, destination, tried } = placing;
    if (forced) return hosts.filter((host) => isNamed(host, forced) && !tried.includes(host.name));
    const eligible = hosts.filter(
      (host) => !tried.includes(host.name) && (!destination || isNamed(host, destination)),
    );
    const up = passingOf(eligible, placing);
    if (up.length > 0) return byWeight(up, placing);
    // rather one whose agent is just starting again than none
    const returning = eligible.filter((host) => host.returning).map((host) => ({ ...host, usable: true }));
    return byWeight(passingOf(returning, placing), placing);
  }

  async #inTurn<T>(group: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#groupLocks.get(group) ?? {
      lock: new Mutex(groupLockMs, `server group ${group}`),
      users: 0,
    };
    this.#groupLocks.set(group, turn);
    turn.users++;
    const release = await turn.lock.acquire().catch((error: unknown) => {
      turn.users--;
      throw error;
    });
    try {
      return await work();
    } finally {
      release();
      if (--turn.users === 0) this.#groupLocks.delete(group);
    }
  }
}

const passingOf = (hosts: readonly HostState[], placing: Placing): HostState[] =>
  hosts.filter((host) => hostFilters.every((filter) => filter.passes(host, placing)));

const isNamed = (host: HostState, named: NamedHost): boolean =>
  (named.host === undefined || named.host === host.name) &&
  (named.node === undefined || named.node === host.name);
