import { rule } from '#kit/auth/policy.ts';

import { projectReaderOrAdmin } from '../policy.ts';

/** nova/policies/ips.py */
export const serverIpPolicies = [
  rule('os_compute_api:ips:index', projectReaderOrAdmin, 'List the addresses of a server.', ['project']),
  rule('os_compute_api:ips:show', projectReaderOrAdmin, 'Show the addresses of a server on a network.', [
    'project',
  ]),
];
