import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemOrProject } from '../policy.ts';

/** keystone/common/policies/registered_limit.py. Everybody may know what is limited, administrators change it. */
export const registeredLimitPolicies = [
  rule('identity:get_registered_limit', '', 'Show registered limit details.', anyScope),
  rule('identity:list_registered_limits', '', 'List registered limits.', anyScope),
  rule('identity:create_registered_limits', adminRequired, 'Create registered limits.', systemOrProject),
  rule('identity:update_registered_limit', adminRequired, 'Update registered limit.', systemOrProject),
  rule('identity:delete_registered_limit', adminRequired, 'Delete registered limit.', systemOrProject),
];
