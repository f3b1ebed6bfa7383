import type { IdentityContract } from '#contracts/identity.ts';
import type { ImageContract } from '#contracts/image.ts';
import type { NetworkContract } from '#contracts/network.ts';
import type { PlacementContract } from '#contracts/placement.ts';
import type { Bus } from '#kit/bus/bus.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import type { Migration } from '#kit/db/migrations.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Api } from '#kit/http/api.ts';
import type { Logger } from '#kit/log/log.ts';
import type { Loop } from '#kit/loop/loops.ts';
import type { SagaEngine } from '#kit/saga/engine.ts';

import { AggregateStore } from './aggregates/store.ts';
import { Presence } from './compute-services/presence.ts';
import { ServiceStore } from './compute-services/store.ts';
import { computeFaults } from './faults.ts';
import { flavorAccessEndpoints } from './flavor-access/api.ts';
import { flavorExtraSpecEndpoints } from './flavor-extra-specs/api.ts';
import { flavorEndpoints } from './flavors/api.ts';
import { flavorPolicies } from './flavors/policy.ts';
import { FlavorStore } from './flavors/store.ts';
import { HostStore } from './hosts/store.ts';
import { KeypairStore } from './keypairs/store.ts';
import { serversMigration } from './migrations/0002-servers.ts';
import { hostsMigration } from './migrations/0003-hosts.ts';
import { quotasMigration } from './migrations/0004-quotas.ts';
import { flavorsMigration } from './migrations/0005-flavors.ts';
import { serverGroupsMigration } from './migrations/0006-server-groups.ts';
import { keypairsMigration } from './migrations/0007-keypairs.ts';
import { aggregatesMigration } from './migrations/0008-aggregates.ts';
import type { computeOptions } from './options.ts';
import { basePolicies } from './policy.ts';
import { configuredLimits } from './quotas/limits.ts';
import { QuotaStore } from './quotas/store.ts';
import { sequencesMigration } from './sequences.ts';
import { ServerGroupStore } from './server-groups/store.ts';
import { ServerStore } from './servers/store.ts';

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
  readonly loops: readonly Loop[] = [];

  constructor(parts: ComputeParts) {
    const { database, clock, options } = parts;
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
];

export const computeApi: Api<Compute> = {
  type: 'compute',
  project: 'nova',
  port: 8774,
  prefixes: ['/v2.1', '/v2'],
  endpoints: [...flavorEndpoints, ...flavorExtraSpecEndpoints, ...flavorAccessEndpoints],
  policies: [...basePolicies, ...flavorPolicies],
  faults: computeFaults,
  microversions: {
    min: '2.1',
    max: '2.104',
    serviceType: 'compute',
    legacyHeader: 'X-OpenStack-Nova-API-Version',
  },
  headers: (requestId) => ({ 'x-compute-request-id': requestId }),
  // Nova still takes the project's id between version and resource
  rewritePath: (path) =>
    path.replace(/^\/(v2(?:\.1)?)\/[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?=\/)/, '/$1'),
};
