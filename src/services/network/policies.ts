import type { PolicyRule } from '#kit/auth/policy.ts';

import { networkPolicies } from './networks/policy.ts';
import { basePolicies } from './policy.ts';
import { portPolicies } from './ports/policy.ts';
import { rulePolicies } from './security-group-rules/policy.ts';
import { groupPolicies } from './security-groups/policy.ts';
import { subnetPolicies } from './subnets/policy.ts';

/** Every rule of Network. */
export const policies: readonly PolicyRule[] = [
  ...basePolicies,
  ...networkPolicies,
  ...subnetPolicies,
  ...portPolicies,
  ...groupPolicies,
  ...rulePolicies,
];

/** Their names: attributes have rules of their own only where one is declared. */
export const ruleNames: ReadonlySet<string> = new Set(policies.map((rule) => rule.name));
