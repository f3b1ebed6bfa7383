import { rule } from '#kit/auth/policy.ts';

import { adminOrMember, adminOrReader } from '../policy.ts';

/**
 * neutron/conf/policies/security_group.py, the groups: a project's members change its groups, its readers see them,
 * and so does everybody a group is shared with.
 */
export const groupPolicies = [
  rule('shared_security_group', 'field:security_groups:shared=True', 'What a shared security group is.'),
  rule('create_security_group', adminOrMember, 'Create a security group.', ['project']),
  rule('create_security_group:tags', adminOrMember, 'Create security group tags.', ['project']),
  rule('get_security_group', `${adminOrReader} or rule:shared_security_group`, 'Show security groups.', [
    'project',
  ]),
  rule(
    'get_security_group:tags',
    `${adminOrReader} or rule:shared_security_group`,
    'Show security group tags.',
    ['project'],
  ),
  rule('update_security_group', adminOrMember, 'Update a security group.', ['project']),
  rule('update_security_group:tags', adminOrMember, 'Update security group tags.', ['project']),
  rule('delete_security_group', adminOrMember, 'Delete a security group.', ['project']),
  rule('delete_security_group:tags', adminOrMember, 'Delete security group tags.', ['project']),
];
