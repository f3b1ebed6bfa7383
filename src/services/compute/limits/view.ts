import type { Version } from '#kit/http/microversion.ts';

import type { QuotaResource } from '../quotas/limits.ts';
import { injectionResources, networkResources } from '../quotas/resources.ts';

/** What limits are called here. */
const limitNames: readonly (readonly [string, QuotaResource])[] = [
  ['maxTotalInstances', 'instances'],
  ['maxTotalCores', 'cores'],
  ['maxTotalRAMSize', 'ram'],
  ['maxTotalKeypairs', 'key_pairs'],
  ['maxServerMeta', 'metadata_items'],
  ['maxImageMeta', 'metadata_items'],
  ['maxPersonality', 'injected_files'],
  ['maxPersonalitySize', 'injected_file_content_bytes'],
  ['maxServerGroups', 'server_groups'],
  ['maxServerGroupMembers', 'server_group_members'],
  ['maxTotalFloatingIps', 'floating_ips'],
  ['maxSecurityGroups', 'security_groups'],
  ['maxSecurityGroupRules', 'security_group_rules'],
];

/** What use is called here. */
const usageNames: readonly (readonly [string, QuotaResource])[] = [
  ['totalInstancesUsed', 'instances'],
  ['totalCoresUsed', 'cores'],
  ['totalRAMUsed', 'ram'],
  ['totalServerGroupsUsed', 'server_groups'],
  ['totalFloatingIpsUsed', 'floating_ips'],
  ['totalSecurityGroupsUsed', 'security_groups'],
];

/** Limits and use as `GET /limits` shows them; there are no rate limits. */
export function viewLimits(
  limits: Readonly<Record<QuotaResource, number>>,
  usage: Readonly<Record<QuotaResource, number>>,
  viewer: { atLeast(version: Version): boolean },
) {
  const shown = ([name, resource]: readonly [string, QuotaResource]): boolean =>
    !(networkResources.includes(resource) && viewer.atLeast('2.36')) &&
    !(injectionResources.includes(resource) && viewer.atLeast('2.57')) &&
    !(name === 'maxImageMeta' && viewer.atLeast('2.39'));
  const absolute = Object.fromEntries([
    ...limitNames.filter(shown).map(([name, resource]) => [name, limits[resource]]),
    ...usageNames.filter(shown).map(([name, resource]) => [name, usage[resource]]),
  ]) as Record<string, number>;
  return { rate: [], absolute };
}
