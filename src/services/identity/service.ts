import type { Clock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import type { Migration } from '#kit/db/migrations.ts';
import type { Api } from '#kit/http/api.ts';

import { identityFaults } from './faults.ts';
import { catalogMigration } from './migrations/0001-catalog.ts';
import { basePolicies } from './policy.ts';
import { regionEndpoints } from './regions/api.ts';
import { regionPolicies } from './regions/policy.ts';
import { RegionStore } from './regions/store.ts';

/** What Identity needs from outside. */
export interface IdentityParts {
  readonly database: Database;
  readonly clock: Clock;
}

/** The Identity service (Keystone): what its endpoints work with. */
export class Identity {
  readonly clock: Clock;
  readonly regions: RegionStore;

  constructor(parts: IdentityParts) {
    this.clock = parts.clock;
    this.regions = new RegionStore(parts.database.tables());
  }

  /** Whether any of these regions has endpoints. */
  async hasEndpointsIn(_regions: readonly string[]): Promise<boolean> {
    return false;
  }
}

export const identityMigrations: readonly Migration[] = [catalogMigration];

export const identityApi: Api<Identity> = {
  type: 'identity',
  project: 'keystone',
  port: 5000,
  prefixes: ['/v3'],
  headLikeGet: true,
  endpoints: [...regionEndpoints],
  policies: [...basePolicies, ...regionPolicies],
  faults: identityFaults,
};
