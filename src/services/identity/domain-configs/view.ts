import { isSensitive } from './options.ts';
import type { DomainOption } from './store.ts';

/** Options by group, without the sensitive ones. */
export function viewConfig(options: readonly DomainOption[]): Record<string, Record<string, unknown>> {
  const config: Record<string, Record<string, unknown>> = {};
  for (const { group, option, value } of options) {
    if (!isSensitive(group, option)) (config[group] ??= {})[option] = value;
  }
  return config;
}
