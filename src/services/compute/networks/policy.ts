import { rule } from '#kit/auth/policy.ts';

import { projectReaderOrAdmin } from '../policy.ts';

/** nova/policies/networks.py and tenant_networks.py */
export const networkPolicies = [
  rule('os_compute_api:os-networks:list', projectReaderOrAdmin, 'List networks (until 2.35).', ['project']),
  rule('os_compute_api:os-networks:show', projectReaderOrAdmin, 'Show a network (until 2.35).', ['project']),
  rule('os_compute_api:os-tenant-networks:list', projectReaderOrAdmin, 'List networks (until 2.35).', [
    'project',
  ]),
  rule('os_compute_api:os-tenant-networks:show', projectReaderOrAdmin, 'Show a network (until 2.35).', [
    'project',
  ]),
];
