import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrMember, adminOrReader } from '../policy.ts';

/** neutron/conf/policies/address_scope.py: members make scopes for their project, only administrators share them. */
export const addressScopePolicies = [
  rule('shared_address_scopes', 'field:address_scopes:shared=True', 'What a shared address scope is.'),
  rule('create_address_scope', adminOrMember, 'Create an address scope.', ['project']),
  rule('create_address_scope:shared', adminOnly, 'Create a shared address scope.', ['project']),
  rule('get_address_scope', `${adminOrReader} or rule:shared_address_scopes`, 'Show address scopes.', [
    'project',
  ]),
  rule('update_address_scope', adminOrMember, 'Update an address scope.', ['project']),
  rule('update_address_scope:shared', adminOnly, 'Update `shared` of an address scope.', ['project']),
  rule('delete_address_scope', adminOrMember, 'Delete an address scope.', ['project']),
];
