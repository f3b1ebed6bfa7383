import type { AccessRule } from './store.ts';

/** An access rule as it stands in an application credential. */
export const viewAccessRuleBriefly = ({ id, service, path, method }: AccessRule) => ({
  id,
  service,
  path,
  method,
});

/** An access rule as the API shows it by itself. */
export const viewAccessRule = (rule: AccessRule, origin: string) => ({
  ...viewAccessRuleBriefly(rule),
  links: { self: `${origin}/v3/access_rules/${rule.id}` },
});
