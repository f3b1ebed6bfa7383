import { rule } from '#kit/auth/policy.ts';

import { admin, projectMemberOrAdmin } from '../policy.ts';

/** nova/policies/remote_consoles.py, console_auth_tokens.py */
export const consolePolicies = [
  rule('os_compute_api:os-remote-consoles', projectMemberOrAdmin, "Open a server's console.", ['project']),
  rule('os_compute_api:os-console-auth-tokens', admin, 'Show what a console token is for.', ['project']),
];
