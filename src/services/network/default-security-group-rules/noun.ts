import type { Noun } from '../resource/noun.ts';
import { defaultRuleNotFound } from './errors.ts';
import { defaultRuleAttributes } from './schema.ts';
import { type DefaultRuleRow, findDefaultRule, listDefaultRules } from './store.ts';
import { viewDefaultRule } from './view.ts';

/** Neutron's `security-groups-default-rules`: the cloud's own templates, of no project, seen by every reader. */
export const defaultRules: Noun<DefaultRuleRow, typeof defaultRuleAttributes> = {
  name: 'default_security_group_rule',
  collection: 'default_security_group_rules',
  attributes: defaultRuleAttributes,
  notFound: defaultRuleNotFound,
  find: findDefaultRule,
  list: listDefaultRules,
  view: viewDefaultRule,
  target: () => ({}),
};
