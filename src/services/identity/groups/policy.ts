import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemReader } from '../policy.ts';

const inGroupsDomain = 'domain_id:%(target.group.domain_id)s';
const inBothDomains = `${inGroupsDomain} and domain_id:%(target.user.domain_id)s`;

const readers = (where: string) => `(${adminRequired}) or ${systemReader} or (role:reader and ${where})`;
const managers = (where: string) => `(${adminRequired}) or (role:manager and ${where})`;

/**
 * keystone/common/policies/group.py. Administrators and, with a token for its domain, readers and managers; to see or
 * change who is in it, user and group must both be of that domain.
 */
export const groupPolicies = [
  rule('identity:get_group', readers(inGroupsDomain), 'Show group details.', anyScope),
  rule('identity:list_groups', readers(inGroupsDomain), 'List groups.', anyScope),
  rule('identity:create_group', managers(inGroupsDomain), 'Create group.', anyScope),
  rule('identity:update_group', managers(inGroupsDomain), 'Update group.', anyScope),
  rule('identity:delete_group', managers(inGroupsDomain), 'Delete group.', anyScope),
  rule('identity:list_users_in_group', readers(inGroupsDomain), 'List members of a group.', anyScope),
  rule('identity:remove_user_from_group', managers(inBothDomains), 'Remove user from group.', anyScope),
  rule(
    'identity:check_user_in_group',
    readers(inBothDomains),
    'Check whether a user is a member of a group.',
    anyScope,
  ),
  rule('identity:add_user_to_group', managers(inBothDomains), 'Add user to group.', anyScope),
];
