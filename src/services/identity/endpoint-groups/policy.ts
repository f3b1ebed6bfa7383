import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

/** The part of keystone/common/policies/endpoint_group.py about the groups themselves. */
export const endpointGroupPolicies = [
  rule('identity:create_endpoint_group', adminRequired, 'Create endpoint group.', systemOrProject),
  rule('identity:list_endpoint_groups', adminOrSystemReader, 'List endpoint groups.', systemOrProject),
  rule('identity:get_endpoint_group', adminOrSystemReader, 'Get endpoint group.', systemOrProject),
  rule('identity:update_endpoint_group', adminRequired, 'Update endpoint group.', systemOrProject),
  rule('identity:delete_endpoint_group', adminRequired, 'Delete endpoint group.', systemOrProject),
];
