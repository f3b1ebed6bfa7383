import { rule } from '#kit/auth/policy.ts';

import { admin } from '../policy.ts';

const hypervisors = 'os_compute_api:os-hypervisors';

/** nova/policies/hypervisors.py */
export const hypervisorPolicies = [
  rule(`${hypervisors}:list`, admin, 'List hypervisors.', ['project']),
  rule(`${hypervisors}:list-detail`, admin, 'List hypervisors with details.', ['project']),
  rule(`${hypervisors}:statistics`, admin, 'Sum up all hypervisors.', ['project']),
  rule(`${hypervisors}:show`, admin, 'Show a hypervisor.', ['project']),
  rule(`${hypervisors}:uptime`, admin, 'Show how long a hypervisor has been up.', ['project']),
  rule(`${hypervisors}:search`, admin, 'Search hypervisors by name.', ['project']),
  rule(`${hypervisors}:servers`, admin, 'List the servers on hypervisors.', ['project']),
];
