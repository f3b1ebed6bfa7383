import { rule } from '#kit/auth/policy.ts';

import { admin, projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const groups = 'os_compute_api:os-server-groups';

/** nova/policies/server_groups.py */
export const serverGroupPolicies = [
  rule(`${groups}:create`, projectMemberOrAdmin, 'Create a server group.', ['project']),
  rule(`${groups}:delete`, projectMemberOrAdmin, 'Delete a server group.', ['project']),
  rule(`${groups}:index`, projectReaderOrAdmin, 'List server groups.', ['project']),
  rule(`${groups}:index:all_projects`, admin, 'List the server groups of all projects.', ['project']),
  rule(`${groups}:show`, projectReaderOrAdmin, 'Show a server group.', ['project']),
];
