import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemOrProject, systemReader } from '../policy.ts';

const ofDomain = 'domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s';
const ofProject = 'project_id:%(target.limit.project_id)s and not None:%(target.limit.project_id)s';

/**
 * keystone/common/policies/limit.py. Everybody may list, but only administrators, services and the system see all;
 * others see what is of the domain or project that their token is for.
 */
export const limitPolicies = [
  rule('identity:get_limit_model', '', 'Get limit enforcement model.', anyScope),
  rule(
    'identity:get_limit',
    `${adminRequired} or (${systemReader}) or (${ofDomain}) or (${ofProject})`,
    'Show limit details.',
    anyScope,
  ),
  rule('identity:list_limits', '', 'List limits.', anyScope),
  rule('identity:create_limits', adminRequired, 'Create limits.', systemOrProject),
  rule('identity:update_limit', adminRequired, 'Update limit.', systemOrProject),
  rule('identity:delete_limit', adminRequired, 'Delete limit.', systemOrProject),
];
