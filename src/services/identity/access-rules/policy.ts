import { rule } from '#kit/auth/policy.ts';

import { systemOrProject, systemReader } from '../policy.ts';

const owner = 'user_id:%(target.user.id)s';

/**
 * keystone/common/policies/access_rule.py. Whose rules they are. Readers of the system may look and its
 * administrators delete; an administrator of a project may do neither.
 */
export const accessRulePolicies = [
  rule(
    'identity:get_access_rule',
    `${systemReader} or ${owner}`,
    'Show access rule details.',
    systemOrProject,
  ),
  rule(
    'identity:list_access_rules',
    `${systemReader} or ${owner}`,
    'List access rules for a user.',
    systemOrProject,
  ),
  rule(
    'identity:delete_access_rule',
    `(role:admin and system_scope:all) or ${owner}`,
    'Delete an access rule.',
    systemOrProject,
  ),
];
