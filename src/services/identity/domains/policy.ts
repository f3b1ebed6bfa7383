import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, anyScope, systemOrProject } from '../policy.ts';

/**
 * keystone/common/policies/domain.py. Administrators. Whoever has a token for a domain, or for a project in it, may
 * look at that one, and its readers find it listed.
 */
export const domainPolicies = [
  rule(
    'identity:get_domain',
    `${adminOrSystemReader} or token.domain.id:%(target.domain.id)s or token.project.domain.id:%(target.domain.id)s`,
    'Show domain details.',
    anyScope,
  ),
  rule(
    'identity:list_domains',
    `${adminOrSystemReader} or (role:reader and domain_id:%(target.domain.id)s)`,
    'List domains.',
    anyScope,
  ),
  rule('identity:create_domain', adminRequired, 'Create domain.', systemOrProject),
  rule('identity:update_domain', adminRequired, 'Update domain.', systemOrProject),
  rule('identity:delete_domain', adminRequired, 'Delete domain.', systemOrProject),
];
