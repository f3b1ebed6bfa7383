import { rule } from '#kit/auth/policy.ts';

import { admin } from '../policy.ts';

const hosts = 'os_compute_api:os-hosts';

/** nova/policies/hosts.py */
export const hostPolicies = [
  rule(`${hosts}:list`, admin, 'List hosts (until 2.42).', ['project']),
  rule(`${hosts}:show`, admin, 'Show a host (until 2.42).', ['project']),
  rule(`${hosts}:update`, admin, 'Change a host (until 2.42).', ['project']),
  rule(`${hosts}:reboot`, admin, 'Reboot a host (until 2.42).', ['project']),
  rule(`${hosts}:shutdown`, admin, 'Shut a host down (until 2.42).', ['project']),
  rule(`${hosts}:start`, admin, 'Start a host (until 2.42).', ['project']),
];
