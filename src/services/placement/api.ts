import type { Api } from '#kit/http/api.ts';

import { aggregateEndpoints } from './aggregates/api.ts';
import { aggregatePolicies } from './aggregates/policy.ts';
import { allocationEndpoints } from './allocations/api.ts';
import { allocationPolicies } from './allocations/policy.ts';
import { candidateEndpoints } from './candidates/api.ts';
import { candidatePolicies } from './candidates/policy.ts';
import { discoveryEndpoints } from './discovery/api.ts';
import { placementFaults } from './faults.ts';
import { inventoryEndpoints } from './inventories/api.ts';
import { inventoryPolicies } from './inventories/policy.ts';
import { basePolicies } from './policy.ts';
import { reshaperEndpoints } from './reshaper/api.ts';
import { reshaperPolicies } from './reshaper/policy.ts';
import { resourceClassEndpoints } from './resource-classes/api.ts';
import { resourceClassPolicies } from './resource-classes/policy.ts';
import { providerEndpoints } from './resource-providers/api.ts';
import { providerPolicies } from './resource-providers/policy.ts';
import type { Placement } from './service.ts';
import { traitEndpoints } from './traits/api.ts';
import { traitPolicies } from './traits/policy.ts';
import { providerTraitEndpoints } from './traits/provider-traits.ts';
import { usageEndpoints } from './usages/api.ts';
import { usagePolicies } from './usages/policy.ts';
import { placementMicroversions } from './versions.ts';

/** Placement's API: every endpoint, who may call it, and how it speaks. */
export const placementApi: Api<Placement> = {
  type: 'placement',
  project: 'placement',
  port: 8778,
  prefixes: [''],
  rootEndpoints: discoveryEndpoints,
  unrouted: { needsToken: (path) => path !== '/' },
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
