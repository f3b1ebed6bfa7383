import { rule } from '#kit/auth/policy.ts';

import { adminOnly } from '../policy.ts';

/**
 * neutron/conf/policies/default_security_group_rules.py: readers of any project see them, administrators change them.
 */
export const defaultRulePolicies = [
  rule('create_default_security_group_rule', adminOnly, 'Add a rule new groups start with.', ['project']),
  rule('get_default_security_group_rule', 'role:reader', 'Show the rules new groups start with.', [
    'project',
  ]),
  rule('delete_default_security_group_rule', adminOnly, 'Remove a rule new groups start with.', ['project']),
];
