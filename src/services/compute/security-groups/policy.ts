import { rule } from '#kit/auth/policy.ts';

import { projectMemberOrAdmin, projectReaderOrAdmin } from '../policy.ts';

const groups = 'os_compute_api:os-security-groups';

/** nova/policies/security_groups.py; the rules of actions on servers stand with the actions. */
export const securityGroupPolicies = [
  rule(`${groups}:get`, projectReaderOrAdmin, 'List security groups (until 2.35).', ['project']),
  rule(`${groups}:show`, projectReaderOrAdmin, 'Show a security group (until 2.35).', ['project']),
  rule(`${groups}:create`, projectMemberOrAdmin, 'Create a security group (until 2.35).', ['project']),
  rule(`${groups}:update`, projectMemberOrAdmin, 'Change a security group (until 2.35).', ['project']),
  rule(`${groups}:delete`, projectMemberOrAdmin, 'Delete a security group (until 2.35).', ['project']),
  rule(`${groups}:rule:create`, projectMemberOrAdmin, 'Create a rule of a security group (until 2.35).', [
    'project',
  ]),
  rule(`${groups}:rule:delete`, projectMemberOrAdmin, 'Delete a rule of a security group (until 2.35).', [
    'project',
  ]),
  rule(`${groups}:list`, projectReaderOrAdmin, 'List the security groups of a server.', ['project']),
];
