import { rule } from '#kit/auth/policy.ts';

import { adminOnly, adminOrMember, adminOrReader } from '../policy.ts';

const notEveryone = `${adminOnly} or (not field:rbac_policy:target_tenant=* and not field:rbac_policy:target_project=*)`;

/** neutron/conf/policies/rbac.py. Members open what is their project's to other projects, administrators to everyone. */
export const rbacPolicyPolicies = [
  rule(
    'restrict_wildcard',
    '(not field:rbac_policy:target_tenant=* and not field:rbac_policy:target_project=*) or rule:admin_only',
    'Who may name everyone as target.',
  ),
  rule('create_rbac_policy', adminOrMember, 'Create an RBAC policy.', ['project']),
  rule('create_rbac_policy:target_tenant', notEveryone, 'Choose the target of a new RBAC policy.', [
    'project',
  ]),
  rule('update_rbac_policy', adminOrMember, 'Update an RBAC policy.', ['project']),
  rule('update_rbac_policy:target_tenant', notEveryone, 'Update the target of an RBAC policy.', ['project']),
  rule('get_rbac_policy', adminOrReader, 'Show RBAC policies.', ['project']),
  rule('delete_rbac_policy', adminOrMember, 'Delete an RBAC policy.', ['project']),
];
