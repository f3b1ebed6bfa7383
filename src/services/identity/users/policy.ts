import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemReader } from '../policy.ts';

const domainManager = '(role:manager and token.domain.id:%(target.user.domain_id)s)';

/**
 * keystone/common/policies/user.py. Administrators and, with a token for its domain, readers and managers. Users may
 * look at themselves, their groups and projects, but not change themselves.
 */
export const userPolicies = [
  rule(
    'identity:get_user',
    `(${adminRequired}) or ${systemReader} or (role:reader and token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s`,
    'Show user details.',
    anyScope,
  ),
  rule(
    'identity:list_users',
    `(${adminRequired}) or ${systemReader} or (role:reader and domain_id:%(target.domain_id)s)`,
    'List users.',
    anyScope,
  ),
  rule('identity:create_user', `(${adminRequired}) or ${domainManager}`, 'Create a user.', anyScope),
  rule('identity:update_user', `(${adminRequired}) or ${domainManager}`, 'Update a user.', anyScope),
  rule('identity:delete_user', `(${adminRequired}) or ${domainManager}`, 'Delete a user.', anyScope),
  rule(
    'identity:list_groups_for_user',
    `(${adminRequired}) or ${systemReader} or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s`,
    'List groups to which a user belongs.',
    anyScope,
  ),
  rule(
    'identity:list_user_projects',
    `(${adminRequired}) or ${systemReader} or (role:reader and domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s`,
    'List projects for which a user has a role.',
    anyScope,
  ),
];
