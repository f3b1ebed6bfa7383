import type { PolicyRule } from '#kit/auth/policy.ts';

import { addressGroupPolicies } from './address-groups/policy.ts';
import { addressScopePolicies } from './address-scopes/policy.ts';
import { agentPolicies } from './agents/policy.ts';
import { topologyPolicies } from './auto-allocated-topologies/policy.ts';
import { availabilityZonePolicies } from './availability-zones/policy.ts';
import { defaultRulePolicies } from './default-security-group-rules/policy.ts';
import { floatingIpPoolPolicies } from './floatingip-pools/policy.ts';
import { floatingIpPolicies } from './floatingips/policy.ts';
import { ipAvailabilityPolicies } from './ip-availabilities/policy.ts';
import { networkPolicies } from './networks/policy.ts';
import { basePolicies } from './policy.ts';
import { portPolicies } from './ports/policy.ts';
import { quotaPolicies } from './quotas/policy.ts';
import { rbacPolicyPolicies } from './rbac-policies/policy.ts';
import { routerPolicies } from './routers/policy.ts';
import { rulePolicies } from './security-group-rules/policy.ts';
import { groupPolicies } from './security-groups/policy.ts';
import { serviceProviderPolicies } from './service-providers/policy.ts';
import { subnetPoolPolicies } from './subnetpools/policy.ts';
import { subnetPolicies } from './subnets/policy.ts';

/** Every rule of Network. */
export const policies: readonly PolicyRule[] = [
  ...basePolicies,
  ...networkPolicies,
  ...subnetPolicies,
  ...portPolicies,
  ...groupPolicies,
  ...rulePolicies,
  ...defaultRulePolicies,
  ...addressGroupPolicies,
  ...routerPolicies,
  ...floatingIpPolicies,
  ...floatingIpPoolPolicies,
  ...subnetPoolPolicies,
  ...addressScopePolicies,
  ...rbacPolicyPolicies,
  ...quotaPolicies,
  ...agentPolicies,
  ...availabilityZonePolicies,
  ...ipAvailabilityPolicies,
  ...topologyPolicies,
  ...serviceProviderPolicies,
];

/** Their names: attributes have rules of their own only where one is declared. */
export const ruleNames: ReadonlySet<string> = new Set(policies.map((rule) => rule.name));
