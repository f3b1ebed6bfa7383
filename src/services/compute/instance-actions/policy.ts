import { rule } from '#kit/auth/policy.ts';

import { admin, projectReaderOrAdmin } from '../policy.ts';

const guards = (name: string, check: string, description: string) =>
  rule(`os_compute_api:os-instance-actions:${name}`, check, description, ['project']);

/** nova/policies/instance_actions.py */
export const instanceActionPolicies = [
  guards('list', projectReaderOrAdmin, 'List what was done to a server.'),
  guards('show', projectReaderOrAdmin, 'Show what was done to a server.'),
  guards('events', admin, 'See how single steps failed, and on which host.'),
  guards('events:details', admin, 'See the messages of single steps.'),
];
