import { rule } from '#kit/auth/policy.ts';

import { service } from '../policy.ts';

/** placement/policies/reshaper.py */
export const reshaperPolicies = [
  rule('placement:reshaper:reshape', service, 'Reshape Inventory and Allocations.', ['project']),
];
