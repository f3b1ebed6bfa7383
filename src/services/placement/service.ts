import type { PlacementContract } from '#contracts/placement.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import type { Migration } from '#kit/db/migrations.ts';
import type { Api } from '#kit/http/api.ts';

import { aggregateEndpoints } from './aggregates/api.ts';
import { aggregatePolicies } from './aggregates/policy.ts';
import { allocationEndpoints } from './allocations/api.ts';
import { allocationPolicies } from './allocations/policy.ts';
import { candidateEndpoints } from './candidates/api.ts';
import { candidatePolicies } from './candidates/policy.ts';
import { PlacementForServices } from './contract.ts';
import { discoveryEndpoints } from './discovery/api.ts';
import { placementFaults } from './faults.ts';
import { inventoryEndpoints } from './inventories/api.ts';
import { inventoryPolicies } from './inventories/policy.ts';
import { placementMigration } from './migrations/0001-placement.ts';
import { ReadModel } from './model/read-model.ts';
import { ModelStore } from './model/store.ts';
import type { placementOptions } from './options.ts';
import { basePolicies } from './policy.ts';
import { reshaperEndpoints } from './reshaper/api.ts';
import { reshaperPolicies } from './reshaper/policy.ts';
import { resourceClassEndpoints } from './resource-classes/api.ts';
import { resourceClassPolicies } from './resource-classes/policy.ts';
import { providerEndpoints } from './resource-providers/api.ts';
import { providerPolicies } from './resource-providers/policy.ts';
import { type Change, changing, type Stores, storesOf } from './stores.ts';
import { traitEndpoints } from './traits/api.ts';
import { traitPolicies } from './traits/policy.ts';
import { providerTraitEndpoints } from './traits/provider-traits.ts';
import { usageEndpoints } from './usages/api.ts';
import { usagePolicies } from './usages/policy.ts';
import { placementMicroversions } from './versions.ts';

/** What Placement needs from outside. */
export interface PlacementParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly options: Values<typeof placementOptions>;
}

/** The Placement service: what its endpoints and the other services work with. */
export class Placement {
  readonly clock: Clock;
  readonly options: Values<typeof placementOptions>;
  readonly stores: Stores;
  readonly model: ReadModel;
  readonly contract: PlacementContract;
  /** When this process began: the age of what is part of the program, such as standard traits. */
  readonly startedAt: number;
  readonly #database: Database;

  constructor(parts: PlacementParts) {
    this.#database = parts.database;
    this.clock = parts.clock;
    this.options = parts.options;
    this.startedAt = parts.clock.now();
    this.stores = storesOf(parts.database);
    this.model = new ReadModel(this.stores, new ModelStore(parts.database.tables()));
    this.contract = new PlacementForServices(this);
  }

  /** Runs a change of Placement's data; changes follow one another, whichever process makes them. */
  change<Result>(work: (change: Change) => Promise<Result>): Promise<Result> {
    return changing(this.#database, this.clock, work);
  }
}

export const placementMigrations: readonly Migration[] = [placementMigration];

export const placementApi: Api<Placement> = {
  type: 'placement',
  project: 'placement',
  port: 8778,
  prefixes: [''],
  rootEndpoints: discoveryEndpoints,
  endpoints: [
    ...providerEndpoints,
    ...inventoryEndpoints,
    ...aggregateEndpoints,
    ...traitEndpoints,
    ...providerTraitEndpoints,
    ...resourceClassEndpoints,
    ...allocationEndpoints,
    ...usageEndpoints,
    ...candidateEndpoints,
    ...reshaperEndpoints,
  ],
  policies: [
    ...basePolicies,
    ...providerPolicies,
    ...inventoryPolicies,
    ...aggregatePolicies,
    ...traitPolicies,
    ...resourceClassPolicies,
    ...allocationPolicies,
    ...usagePolicies,
    ...candidatePolicies,
    ...reshaperPolicies,
  ],
  faults: placementFaults,
  microversions: placementMicroversions,
};
