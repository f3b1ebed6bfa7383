import { rule } from '#kit/auth/policy.ts';

import { adminRequired, projectOnly } from '../policy.ts';

const rules = [
  ['authorize_request_token', 'Authorize OAuth 1 request token.'],
  ['get_access_token', 'Get OAuth 1 access token for user by access token ID.'],
  ['get_access_token_role', 'Get role for user OAuth 1 access token.'],
  ['list_access_tokens', 'List OAuth 1 access tokens for user.'],
  ['list_access_token_roles', 'List OAuth 1 access token roles.'],
  ['delete_access_token', 'Delete OAuth 1 access token.'],
] as const;

/**
 * keystone/common/policies/access_token.py. Administrators only, and with a project's token: the defaults let no
 * other user grant anything.
 */
export const oauthTokenPolicies = rules.map(([name, what]) =>
  rule(`identity:${name}`, adminRequired, what, projectOnly),
);
