import { rule } from '#kit/auth/policy.ts';

import { adminOrMember, adminOrReader } from '../policy.ts';

/**
 * neutron/conf/policies/address_group.py: a project's members change its groups, its readers see them, and so does
 * everybody a group is shared with.
 */
export const addressGroupPolicies = [
  rule('shared_address_groups', 'field:address_groups:shared=True', 'What a shared address group is.'),
  rule('create_address_group', adminOrMember, 'Create an address group.', ['project']),
  rule('get_address_group', `${adminOrReader} or rule:shared_address_groups`, 'Show address groups.', [
    'project',
  ]),
  rule('update_address_group', adminOrMember, 'Update an address group.', ['project']),
  rule('delete_address_group', adminOrMember, 'Delete an address group.', ['project']),
  rule('add_addresses', adminOrMember, 'Add addresses to an address group.', ['project']),
  rule('remove_addresses', adminOrMember, 'Remove addresses from an address group.', ['project']),
];
