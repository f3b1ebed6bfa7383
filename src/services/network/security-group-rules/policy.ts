import { rule } from '#kit/auth/policy.ts';

import { adminOnly } from '../policy.ts';

const adminOrGroupMember = `(${adminOnly}) or (role:member and rule:sg_owner)`;
const adminOrGroupReader = `(${adminOnly}) or (role:reader and rule:sg_owner)`;

/**
 * neutron/conf/policies/security_group.py, the rules: whoever owns the group may add and remove them, whoever's
 * project a rule is noted for. Sharing a group gives nobody its rules one by one.
 */
export const rulePolicies = [
  rule('rule_default_sg', 'field:security_group_rules:belongs_to_default_sg=True', "A default group's rule."),
  rule('create_security_group_rule', adminOrGroupMember, 'Create a security group rule.', ['project']),
  rule('get_security_group_rule', adminOrGroupReader, 'Show security group rules.', ['project']),
  rule('delete_security_group_rule', adminOrGroupMember, 'Delete a security group rule.', ['project']),
];
