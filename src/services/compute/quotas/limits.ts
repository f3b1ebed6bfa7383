import type { Values } from '#kit/config/options.ts';

import type { computeOptions } from '../options.ts';

/** The resources Compute limits, by Nova's names and in Nova's order. */
export const quotaResources = [
  'cores',
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
  'instances',
  'key_pairs',
  'metadata_items',
  'ram',
  'server_groups',
  'server_group_members',
  // of a network service Nova no longer has; kept, without limit, for what the old API shows
  'fixed_ips',
  'floating_ips',
  'security_groups',
  'security_group_rules',
] as const;

/** The name of a limited resource, as it stands on the wire. */
export type QuotaResource = (typeof quotaResources)[number];

/** How much of each resource may be used; -1 is without limit. `ram` is in MB. */
export type Limits = Readonly<Record<QuotaResource, number>>;

/** What the rest of Compute asks of quotas. */
export interface QuotaLimits {
  /** The limits in force for a project, or for one user in it: the user's own, else the project's, else the defaults. */
  limitsOf(projectId: string, userId?: string): Promise<Limits>;
}

/** The limits nobody has changed. */
export const configuredLimits = (options: Values<typeof computeOptions>): Limits => ({
  cores: options.quota_cores,
  injected_files: options.quota_injected_files,
  injected_file_content_bytes: options.quota_injected_file_content_bytes,
  injected_file_path_bytes: options.quota_injected_file_path_bytes,
  instances: options.quota_instances,
  key_pairs: options.quota_key_pairs,
  metadata_items: options.quota_metadata_items,
  ram: options.quota_ram,
  server_groups: options.quota_server_groups,
  server_group_members: options.quota_server_group_members,
  fixed_ips: -1,
  floating_ips: -1,
  security_groups: -1,
  security_group_rules: -1,
});
