import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, anyScope, systemOrProject } from '../policy.ts';

/**
 * keystone/common/policies/role.py. Readers of the system may look; a domain's managers may list roles and look at
 * those they can grant. A domain's own roles have rules of their own, which let in fewer.
 */
export const rolePolicies = [
  rule(
    'identity:get_role',
    `(${adminOrSystemReader}) or (role:manager and rule:domain_managed_target_role)`,
    'Show role details.',
    anyScope,
  ),
  rule(
    'identity:list_roles',
    `(${adminOrSystemReader}) or (role:manager and not domain_id:None)`,
    'List roles.',
    anyScope,
  ),
  rule('identity:create_role', adminRequired, 'Create role.', systemOrProject),
  rule('identity:update_role', adminRequired, 'Update role.', systemOrProject),
  rule('identity:delete_role', adminRequired, 'Delete role.', systemOrProject),
  rule('identity:get_domain_role', adminOrSystemReader, 'Show domain role.', systemOrProject),
  rule('identity:list_domain_roles', adminOrSystemReader, 'List domain roles.', systemOrProject),
  rule('identity:create_domain_role', adminRequired, 'Create domain role.', systemOrProject),
  rule('identity:update_domain_role', adminRequired, 'Update domain role.', systemOrProject),
  rule('identity:delete_domain_role', adminRequired, 'Delete domain role.', systemOrProject),
];
