import { rule } from '#kit/auth/policy.ts';

import { projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

/** nova/policies/server_password.py */
export const serverPasswordPolicies = [
  rule('os_compute_api:os-server-password:show', projectReaderOrAdmin, "See a server's encrypted password.", [
    'project',
  ]),
  rule('os_compute_api:os-server-password:clear', projectMemberOrAdmin, "Forget a server's password.", [
    'project',
  ]),
];
