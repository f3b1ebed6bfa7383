import { rule } from '#kit/auth/policy.ts';

import { adminRequired } from '../policy.ts';

/** keystone/common/policies/region.py. Everybody may look, administrators change. */
export const regionPolicies = [
  rule('identity:get_region', '', 'Show region details.'),
  rule('identity:list_regions', '', 'List regions.'),
  rule('identity:create_region', adminRequired, 'Create region.', ['system', 'project']),
  rule('identity:update_region', adminRequired, 'Update region.', ['system', 'project']),
  rule('identity:delete_region', adminRequired, 'Delete region.', ['system', 'project']),
];
