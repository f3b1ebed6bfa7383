import { rule } from '#kit/auth/policy.ts';

import { admin } from '../policy.ts';

/** nova/policies/server_diagnostics.py */
export const serverDiagnosticsPolicies = [
  rule('os_compute_api:os-server-diagnostics', admin, 'See what a guest uses.', ['project']),
];
