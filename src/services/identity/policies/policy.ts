import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, systemOrProject } from '../policy.ts';

/** keystone/common/policies/policy.py. Readers of the system may look, administrators do everything. */
export const policyPolicies = [
  rule('identity:get_policy', adminOrSystemReader, 'Show policy details.', systemOrProject),
  rule('identity:list_policies', adminOrSystemReader, 'List policies.', systemOrProject),
  rule('identity:create_policy', adminRequired, 'Create policy.', systemOrProject),
  rule('identity:update_policy', adminRequired, 'Update policy.', systemOrProject),
  rule('identity:delete_policy', adminRequired, 'Delete policy.', systemOrProject),
];
