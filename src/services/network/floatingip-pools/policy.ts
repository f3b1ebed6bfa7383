import { rule } from '#kit/auth/policy.ts';

import { adminOrReader } from '../policy.ts';

/** neutron/conf/policies/floatingip_pools.py */
export const floatingIpPoolPolicies = [
  rule('get_floatingip_pool', adminOrReader, 'Show where floating ips can be had.', ['project']),
];
