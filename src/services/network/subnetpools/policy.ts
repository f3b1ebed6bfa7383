import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrMember, adminOrReader } from '../policy.ts';

/**
 * neutron/conf/policies/subnetpool.py. Members of a project work on its pools; only administrators make pools everyone
 * takes from. What is done to prefixes, and the subnets of a network taken in, are rules of their own.
 */
export const subnetPoolPolicies = [
  rule('shared_subnetpools', 'field:subnetpools:shared=True', 'What a shared subnet pool is.'),
  rule('create_subnetpool', adminOrMember, 'Create a subnet pool.', ['project']),
  rule('create_subnetpool:shared', adminOnly, 'Create a shared subnet pool.', ['project']),
  rule('create_subnetpool:is_default', adminOnly, 'Create a default subnet pool.', ['project']),
  rule('create_subnetpool:tags', adminOrMember, 'Create subnet pool tags.', ['project']),
  rule('get_subnetpool', `${adminOrReader} or rule:shared_subnetpools`, 'Show subnet pools.', ['project']),
  rule('get_subnetpool:tags', `${adminOrReader} or rule:shared_subnetpools`, 'Show subnet pool tags.', [
    'project',
  ]),
  rule('update_subnetpool', adminOrMember, 'Update a subnet pool.', ['project']),
  rule('update_subnetpool:is_default', adminOnly, 'Make a subnet pool the default.', ['project']),
  rule('update_subnetpool:tags', adminOrMember, 'Update subnet pool tags.', ['project']),
  rule('delete_subnetpool', adminOrMember, 'Delete a subnet pool.', ['project']),
  rule('delete_subnetpool:tags', adminOrMember, 'Delete subnet pool tags.', ['project']),
  rule('onboard_network_subnets', adminOrMember, 'Take subnets of a network into a pool.', ['project']),
  rule('add_prefixes', adminOrMember, 'Add prefixes to a subnet pool.', ['project']),
  rule('remove_prefixes', adminOrMember, 'Remove prefixes from a subnet pool.', ['project']),
];
