import type { ControlHandlers } from '#contracts/agent.ts';
import type { ComputeContract } from '#contracts/compute.ts';
import type { IdentityContract } from '#contracts/identity.ts';
import type { ImageContract } from '#contracts/image.ts';
import type { NetworkContract } from '#contracts/network.ts';
import type { PeerApi } from '#contracts/peer.ts';
import type { PlacementContract } from '#contracts/placement.ts';
import type { Bus } from '#kit/bus/bus.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import type { Migration } from '#kit/db/migrations.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';
import type { Loop } from '#kit/loop/loops.ts';
import type { SagaEngine } from '#kit/saga/engine.ts';

import { AggregateStore } from './aggregates/store.ts';
import { serverHandlers } from './bus-handlers.ts';
import { Presence } from './compute-services/presence.ts';
import { ServiceStore } from './compute-services/store.ts';
import { consoleTokenLoop } from './consoles/start.ts';
import { ConsoleTokenStore } from './consoles/store.ts';
import { computeContract } from './contract.ts';
import { FlavorStore } from './flavors/store.ts';
import { HostRegistry } from './hosts/registry.ts';
import { HostStore } from './hosts/store.ts';
import { ServerActionStore } from './instance-actions/store.ts';
import { KeypairStore } from './keypairs/store.ts';
import { serverLoops } from './loops/loops.ts';
import { syncLater } from './loops/power-states.ts';
import { VendorData } from './metadata/vendor-data.ts';
import { serversMigration } from './migrations/0002-servers.ts';
import { hostsMigration } from './migrations/0003-hosts.ts';
import { quotasMigration } from './migrations/0004-quotas.ts';
import { flavorsMigration } from './migrations/0005-flavors.ts';
import { serverGroupsMigration } from './migrations/0006-server-groups.ts';
import { keypairsMigration } from './migrations/0007-keypairs.ts';
import { aggregatesMigration } from './migrations/0008-aggregates.ts';
import { usageMigration } from './migrations/0009-usage.ts';
import { consoleTokensMigration } from './migrations/0010-console-tokens.ts';
import { serverMigrationsMigration } from './migrations/0011-server-migrations.ts';
import type { computeOptions } from './options.ts';
import { configuredLimits } from './quotas/limits.ts';
import { QuotaStore } from './quotas/store.ts';
import { registerSagas } from './sagas.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { sequencesMigration } from './sequences.ts';
import { watchPorts } from './server-external-events/vif-deleted.ts';
import { ServerGroupStore } from './server-groups/store.ts';
import { ServerMigrationStore } from './server-migrations/store.ts';
import { ServerStore } from './servers/store.ts';
import { UsageStore } from './usage/store.ts';

export { computeApi } from './api.ts';
export { startConsoleProxy } from './consoles/start.ts';

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
  readonly contract: ComputeContract;
  readonly loops: readonly Loop[];
  /** What agents may call. */
  readonly busHandlers: Partial<ControlHandlers>;

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
    this.scheduler = new Scheduler(this);
    this.vendorData = new VendorData(options.vendordata_file);
    this.usage = new UsageStore(database);
    this.consoleTokens = new ConsoleTokenStore(database, clock);
    const { presence, services, hosts, aggregates } = this;
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
    this.loops = [this.registry.loop, consoleTokenLoop(this.consoleTokens), ...serverLoops(this)];
    this.busHandlers = { ...this.registry.busHandlers, ...serverHandlers(this) };
    this.contract = computeContract(this);
    this.registry.onHello(({ host }) => void syncLater(this, host));
    registerSagas(parts.sagas, this);
  }

  /** Makes this process's own services known. Called once, before the API is served. */
  async begin(): Promise<void> {
    await this.registry.begin();
    watchPorts(this);
  }

  /** Throws `badRequest` unless there is such a project. */
  async requireProject(id: string): Promise<void> {
    if (!(await this.parts.identity.project(id)))
      throw badRequest(`Project ID ${id} is not a valid project.`);
  }
}

export const computeMigrations: readonly Migration[] = [
  sequencesMigration,
  serversMigration,
  hostsMigration,
  quotasMigration,
  flavorsMigration,
  serverGroupsMigration,
  keypairsMigration,
  aggregatesMigration,
  usageMigration,
  consoleTokensMigration,
  serverMigrationsMigration,
];
