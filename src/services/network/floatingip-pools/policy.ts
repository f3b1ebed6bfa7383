import { rule } from '#kit/auth/policy.ts';

import { adminOrReader } from '../policy.ts';

/** neutron/conf/policies/floatingip_pools.py. Pools are shown as the caller's project's, hence any reader of it. */
export const floatingIpPoolPolicies = [
  rule('get_floatingip_pool', adminOrReader, 'Show where floating ips can be had.', ['project']),
];
