import { rule } from '#kit/auth/policy.ts';

import { adminRequired, anyScope, systemReader } from '../policy.ts';

/**
 * keystone/common/policies/token.py. Whose token it is may do everything with it. Services validate those of others,
 * and readers of the system look, but neither revokes.
 */
export const tokenPolicies = [
  rule(
    'identity:check_token',
    `${adminRequired} or ${systemReader} or rule:token_subject`,
    'Check a token.',
    anyScope,
  ),
  rule(
    'identity:validate_token',
    `${adminRequired} or ${systemReader} or rule:service_role or rule:token_subject`,
    'Validate a token.',
    anyScope,
  ),
  rule('identity:revoke_token', `${adminRequired} or rule:token_subject`, 'Revoke a token.', anyScope),
];
