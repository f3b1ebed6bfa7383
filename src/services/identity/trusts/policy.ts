import { rule } from '#kit/auth/policy.ts';

import { adminOrSystemReader, adminRequired, projectOnly, systemOrProject, systemReader } from '../policy.ts';

const trustor = 'user_id:%(target.trust.trustor_user_id)s';
const trustee = 'user_id:%(target.trust.trustee_user_id)s';

const readers = (...owners: string[]) => `(${adminRequired}) or (${[systemReader, ...owners].join(' or ')})`;

/**
 * keystone/common/policies/trust.py. Only the trustor makes a trust, not even an administrator does so for somebody.
 * Both users may look at it, the trustor and administrators end it.
 */
export const trustPolicies = [
  rule('identity:create_trust', trustor, 'Create trust.', projectOnly),
  rule('identity:list_trusts', adminOrSystemReader, 'List trusts.', systemOrProject),
  rule('identity:list_trusts_for_trustor', readers(trustor), 'List trusts for trustor.', systemOrProject),
  rule('identity:list_trusts_for_trustee', readers(trustee), 'List trusts for trustee.', systemOrProject),
  rule(
    'identity:list_roles_for_trust',
    readers(trustor, trustee),
    'List roles delegated by a trust.',
    systemOrProject,
  ),
  rule(
    'identity:get_role_for_trust',
    readers(trustor, trustee),
    'Check if trust delegates a particular role.',
    systemOrProject,
  ),
  rule('identity:delete_trust', `${adminRequired} or ${trustor}`, 'Revoke trust.', systemOrProject),
  rule('identity:get_trust', readers(trustor, trustee), 'Get trust.', systemOrProject),
];
