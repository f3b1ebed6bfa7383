import { attributes, identity } from '../resource/attribute.ts';
import { bool, text } from '../resource/values.ts';
import { ruleFields } from '../security-group-rules/schema.ts';

/** neutron/extensions/security_groups_default_rules.py */
export const defaultRuleAttributes = attributes({
  id: identity.id,
  // whoever makes a rule for all need not say whose it is
  project_id: { type: text(255), post: true, hidden: true },
  description: { type: text(1024), post: true, default: '', filter: true },
  ...ruleFields,
  used_in_default_sg: { type: bool, post: true, default: false, filter: true },
  used_in_non_default_sg: { type: bool, post: true, default: true, filter: true },
});
