import { rule } from '#kit/auth/policy.ts';

import { anyone, projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const addresses = 'os_compute_api:os-floating-ips';

/** nova/policies/floating_ips.py and floating_ip_pools.py; the actions' rules stand with the actions. */
export const floatingIpPolicies = [
  rule(`${addresses}:list`, projectReaderOrAdmin, 'List floating addresses (until 2.35).', ['project']),
  rule(`${addresses}:create`, projectMemberOrAdmin, 'Take a floating address (until 2.35).', ['project']),
  rule(`${addresses}:show`, projectReaderOrAdmin, 'Show a floating address (until 2.35).', ['project']),
  rule(`${addresses}:delete`, projectMemberOrAdmin, 'Give a floating address back (until 2.35).', [
    'project',
  ]),
  rule('os_compute_api:os-floating-ip-pools', anyone, 'List pools of floating addresses (until 2.35).', [
    'project',
  ]),
];
