import { securityGroupNotFound } from '../errors.ts';
import type { Noun } from '../resource/noun.ts';
import { bareGroups } from '../security-groups/store.ts';
import { ruleNotFound } from './errors.ts';
import { ruleAttributes } from './schema.ts';
import { findRule, listRules, type RuleRow } from './store.ts';
import { viewRule } from './view.ts';

/** Security group rules. Policy asks whose the group is (`sg_owner`), not whose the rule. */
export const securityGroupRules: Noun<RuleRow, typeof ruleAttributes> = {
  name: 'security_group_rule',
  collection: 'security_group_rules',
  attributes: ruleAttributes,
  table: 'network_security_group_rules',
  quota: true,
  notFound: ruleNotFound,
  find: findRule,
  list: listRules,
  view: viewRule,
  target: (rule) => ({ project_id: rule.project_id, 'security_group:project_id': rule.group_project_id }),
  newTarget: async (db, values) => {
    const id = values.security_group_id as string;
    const [group] = await bareGroups(db, [id]);
    if (!group) throw securityGroupNotFound(id);
    return { 'security_group:project_id': group.project_id };
  },
};
