import type { Api } from '#kit/http/api.ts';

import { addressGroupActionEndpoints } from './address-groups/actions.ts';
import { addressGroupEndpoints } from './address-groups/api.ts';
import { addressScopeEndpoints } from './address-scopes/api.ts';
import { agentEndpoints } from './agents/api.ts';
import { topologyEndpoints } from './auto-allocated-topologies/api.ts';
import { availabilityZoneEndpoints } from './availability-zones/api.ts';
import { defaultRuleEndpoints } from './default-security-group-rules/api.ts';
import { resourcesEndpoints, versionEndpoints, withoutExtension } from './discovery/api.ts';
import { extensionEndpoints } from './extensions/api.ts';
import { networkFaults } from './faults.ts';
import { floatingIpPoolEndpoints } from './floatingip-pools/api.ts';
import { floatingIpEndpoints } from './floatingips/api.ts';
import { ipAvailabilityEndpoints } from './ip-availabilities/api.ts';
import { networkEndpoints } from './networks/api.ts';
import { policies } from './policies.ts';
import { policyChecks } from './policy.ts';
import { portEndpoints } from './ports/api.ts';
import { quotaEndpoints } from './quotas/api.ts';
import { rbacPolicyEndpoints } from './rbac-policies/api.ts';
import { routerEndpoints } from './routers/api.ts';
import { securityGroupRuleEndpoints } from './security-group-rules/api.ts';
import { securityGroupEndpoints } from './security-groups/api.ts';
import { serviceProviderEndpoints } from './service-providers/api.ts';
import type { Network } from './service.ts';
import { subnetPoolActionEndpoints } from './subnetpools/actions.ts';
import { subnetPoolEndpoints } from './subnetpools/api.ts';
import { subnetEndpoints } from './subnets/api.ts';
import { allTagEndpoints } from './tags/api.ts';

/** Every endpoint under `/v2.0`. */
const endpoints = [
  ...resourcesEndpoints,
  ...extensionEndpoints,
  ...networkEndpoints,
  ...subnetEndpoints,
  ...portEndpoints,
  ...securityGroupEndpoints,
  ...securityGroupRuleEndpoints,
  ...defaultRuleEndpoints,
  ...addressGroupEndpoints,
  ...addressGroupActionEndpoints,
  ...routerEndpoints,
  ...floatingIpEndpoints,
  ...floatingIpPoolEndpoints,
  ...subnetPoolEndpoints,
  ...subnetPoolActionEndpoints,
  ...addressScopeEndpoints,
  ...rbacPolicyEndpoints,
  ...quotaEndpoints,
  ...agentEndpoints,
  ...availabilityZoneEndpoints,
  ...ipAvailabilityEndpoints,
  ...topologyEndpoints,
  ...serviceProviderEndpoints,
  ...allTagEndpoints,
];

/** Network's API: every endpoint, who may call it, and how it speaks. */
export const networkApi: Api<Network> = {
  type: 'network',
  project: 'neutron',
  port: 9696,
  prefixes: ['/v2.0'],
  endpoints,
  rootEndpoints: versionEndpoints,
  rewritePath: withoutExtension,
  unrouted: { needsToken: (path) => /^\/v2\.0(\/|$)/.test(path) },
  policies,
  policyChecks,
  faults: networkFaults,
};
