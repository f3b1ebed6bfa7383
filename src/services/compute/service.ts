import type { IdentityContract } from '#contracts/identity.ts';
import type { ImageContract } from '#contracts/image.ts';
import type { NetworkContract } from '#contracts/network.ts';
import type { PeerApi } from '#contracts/peer.ts';
import type { PlacementContract } from '#contracts/placement.ts';
import type { Bus } from '#kit/bus/bus.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';
import type { SagaEngine } from '#kit/saga/engine.ts';

import { AggregateStore } from './aggregates/store.ts';
import { Presence } from './compute-services/presence.ts';
import { ServiceStore } from './compute-services/store.ts';
import { ConsoleTokenStore } from './consoles/store.ts';
import { FlavorStore } from './flavors/store.ts';
import { HostRegistry } from './hosts/registry.ts';
import { HostStore } from './hosts/store.ts';
import { ServerActionStore } from './instance-actions/store.ts';
import { KeypairStore } from './keypairs/store.ts';
import { VendorData } from './metadata/vendor-data.ts';
import type { computeOptions } from './options.ts';
import { configuredLimits } from './quotas/limits.ts';
import { QuotaStore } from './quotas/store.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { ServerGroupStore } from './server-groups/store.ts';
import { ServerMigrationStore } from './server-migrations/store.ts';
import { ServerStore } from './servers/store.ts';
import { UsageStore } from './usage/store.ts';

/** What Compute needs from outside. */
export interface ComputeParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly bus: Bus;
  readonly sagas: SagaEngine;
  readonly options: Values<typeof computeOptions>;
  readonly identity: IdentityContract;
  readonly image: ImageContract;
  readonly placement: PlacementContract;
  readonly network: NetworkContract;
  /** What the old proxies pass on: their APIs, beside the contracts above. */
  readonly peers: { readonly network: PeerApi; readonly image: PeerApi };
  /** Where browsers reach the console proxy, without a slash at the end. */
  readonly consoleUrl: string;
}

/** The Compute service (Nova): what its endpoints, sagas and loops work with. */
export class Compute {
  readonly parts: ComputeParts;
  readonly presence: Presence;
  readonly services: ServiceStore;
  readonly hosts: HostStore;
  readonly quotas: QuotaStore;
  readonly flavors: FlavorStore;
  readonly keypairs: KeypairStore;
  readonly serverGroups: ServerGroupStore;
  readonly aggregates: AggregateStore;
  readonly servers: ServerStore;
  readonly actions: ServerActionStore;
  readonly migrations: ServerMigrationStore;
  readonly scheduler: Scheduler;
  readonly vendorData: VendorData;
  /** Administrators' passwords of servers being built with a config drive: never written anywhere else. */
  readonly adminPasswords = new Map<string, string>();
  readonly usage: UsageStore;
  readonly consoleTokens: ConsoleTokenStore;
  readonly registry: HostRegistry;
  readonly #doubtListeners: ((serverId: string) => void)[] = [];

  constructor(parts: ComputeParts) {
    const { database, clock, options, bus, placement } = parts;
    this.parts = parts;
    this.presence = new Presence(clock, options.service_down_time * 1000);
    this.services = new ServiceStore(database);
    this.hosts = new HostStore(database, this.presence);
    this.quotas = new QuotaStore(database, configuredLimits(options));
    this.flavors = new FlavorStore(database);
    this.keypairs = new KeypairStore(database);
    this.serverGroups = new ServerGroupStore(database);
    this.aggregates = new AggregateStore(database);
    this.servers = new ServerStore(database.tables(), clock);
    this.actions = new ServerActionStore(database.tables());
    this.migrations = new ServerMigrationStore(database.tables());
    this.vendorData = new VendorData(options.vendordata_file);
    this.usage = new UsageStore(database);
    this.consoleTokens = new ConsoleTokenStore(database, clock);
    const { presence, services, hosts, aggregates, servers, serverGroups } = this;
    this.scheduler = new Scheduler({ placement, hosts, aggregates, servers, serverGroups });
    this.registry = new HostRegistry({
      bus,
      clock,
      options,
      placement,
      presence,
      services,
      hosts,
      aggregates,
    });
  }

  /** Hears of servers whose guests may be other than they should be. */
  onDoubt(listener: (serverId: string) => void): void {
    this.#doubtListeners.push(listener);
  }

  /** Says that an operation on a server failed: nobody knows how far it came with the guest. */
  doubt(serverId: string): void {
    for (const listener of this.#doubtListeners) listener(serverId);
  }

  /** Throws `badRequest` unless there is such a project. */
  async requireProject(id: string): Promise<void> {
    if (!(await this.parts.identity.project(id)))
      throw badRequest(`Project ID ${id} is not a valid project.`);
  }
}
