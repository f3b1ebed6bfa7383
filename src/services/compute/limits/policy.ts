import { rule } from '#kit/auth/policy.ts';

import { admin, anyone } from '../policy.ts';

/** nova/policies/limits.py */
export const limitPolicies = [
  rule('os_compute_api:limits', anyone, "Show the limits of the caller's project.", ['project']),
  rule('os_compute_api:limits:other_project', admin, 'Show the limits of another project.', ['project']),
];
