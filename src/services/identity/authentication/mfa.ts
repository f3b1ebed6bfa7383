import { methodNames } from './methods.ts';

/**
 * Whether a user's `multi_factor_auth_rules` are met: one of its lists of methods must have been used in full, as far as
 * those methods exist here. Without rules, with `multi_factor_auth_enabled` false, or when no list names a method that
 * exists (nobody shall be locked out), any method will do. Follows UserMFARulesValidator of keystone/auth/core.py.
 */
export function satisfiesMfaRules(
  options: Readonly<Record<string, unknown>>,
  used: readonly string[],
): boolean {
  const rules = options.multi_factor_auth_rules as string[][] | undefined;
  if (!rules || options.multi_factor_auth_enabled === false) return true;
  const possible = rules
    .map((rule) => rule.filter((method) => methodNames.includes(method)))
    .filter((rule) => rule.length > 0);
  return possible.length === 0 || possible.some((rule) => rule.every((method) => used.includes(method)));
}
