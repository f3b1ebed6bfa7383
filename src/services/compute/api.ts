import type { Api } from '#kit/http/api.ts';

import { serviceEndpoints } from './compute-services/api.ts';
import { servicePolicies } from './compute-services/policy.ts';
import { computeFaults } from './faults.ts';
import { flavorAccessEndpoints } from './flavor-access/api.ts';
import { flavorExtraSpecEndpoints } from './flavor-extra-specs/api.ts';
import { flavorEndpoints } from './flavors/api.ts';
import { flavorPolicies } from './flavors/policy.ts';
import { hostEndpoints } from './hosts/api.ts';
import { hostPolicies } from './hosts/policy.ts';
import { hypervisorEndpoints } from './hypervisors/api.ts';
import { hypervisorPolicies } from './hypervisors/policy.ts';
import { basePolicies } from './policy.ts';
import type { Compute } from './service.ts';

/** Everything Compute answers, noun by noun. */
export const computeApi: Api<Compute> = {
  type: 'compute',
  project: 'nova',
  port: 8774,
  prefixes: ['/v2.1', '/v2'],
  endpoints: [
    ...flavorEndpoints,
    ...flavorExtraSpecEndpoints,
    ...flavorAccessEndpoints,
    ...serviceEndpoints,
    ...hypervisorEndpoints,
    ...hostEndpoints,
  ],
  policies: [...basePolicies, ...flavorPolicies, ...servicePolicies, ...hypervisorPolicies, ...hostPolicies],
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
