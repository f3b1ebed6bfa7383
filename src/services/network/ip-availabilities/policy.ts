import { rule } from '#kit/auth/policy.ts';

import { adminOrService } from '../policy.ts';

/** neutron/conf/policies/network_ip_availability.py. Counts span projects, so users see none, not even of their own. */
export const ipAvailabilityPolicies = [
  rule('get_network_ip_availability', adminOrService, 'Show how many addresses of networks are used.', [
    'project',
  ]),
];
