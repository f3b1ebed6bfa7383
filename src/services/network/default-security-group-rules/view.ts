import type { DefaultRuleRow } from './store.ts';

/** A rule new groups start with, as the API shows it. */
export const viewDefaultRule = ({
  used_in_default_sg: inDefault,
  used_in_non_default_sg: inOthers,
  ...rule
}: DefaultRuleRow) => ({
  ...rule,
  used_in_default_sg: inDefault === 1,
  used_in_non_default_sg: inOthers === 1,
});
