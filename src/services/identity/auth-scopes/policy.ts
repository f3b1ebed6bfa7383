import { rule } from '#kit/auth/policy.ts';

/** keystone/common/policies/auth.py: everybody may know what they may scope a token to. */
export const authScopePolicies = [
  rule('identity:get_auth_catalog', '', 'Get service catalog.'),
  rule('identity:get_auth_projects', '', 'List all projects a user has access to via role assignments.'),
  rule('identity:get_auth_domains', '', 'List all domains a user has access to via role assignments.'),
  rule('identity:get_auth_system', '', 'List systems a user has access to via role assignments.'),
];
