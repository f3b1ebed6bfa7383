import type { Version } from '#kit/http/microversion.ts';

import { type Limits, type QuotaResource, quotaResources } from './limits.ts';

/** Of a network service Nova no longer has. */
export const networkResources: readonly QuotaResource[] = [
  'fixed_ips',
  'floating_ips',
  'security_groups',
  'security_group_rules',
];

/** Of files put into guests, which 2.57 ended. */
export const injectionResources: readonly QuotaResource[] = [
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
];

/** Of server groups, which classes of quotas know since 2.50. */
export const groupResources: readonly QuotaResource[] = ['server_groups', 'server_group_members'];

interface Viewer {
  atLeast(version: Version): boolean;
}

/** The resources a version shows in quota sets. */
export const quotaSetResources = (viewer: Viewer): QuotaResource[] =>
  quotaResources.filter(
    (r) =>
      !(networkResources.includes(r) && viewer.atLeast('2.36')) &&
      !(injectionResources.includes(r) && viewer.atLeast('2.57')),
  );

/** The resources a version shows in quota class sets. */
export const quotaClassResources = (viewer: Viewer): QuotaResource[] =>
  quotaResources.filter(
    (r) =>
      !(networkResources.includes(r) && viewer.atLeast('2.50')) &&
      !(injectionResources.includes(r) && viewer.atLeast('2.57')) &&
      !(groupResources.includes(r) && !viewer.atLeast('2.50')),
  );

/** These resources of a set of values. */
export const pick = <T>(values: Readonly<Record<QuotaResource, T>>, resources: readonly QuotaResource[]) =>
  Object.fromEntries(resources.map((r) => [r, values[r]]));

/** The limits a body sets, whether it wrote them as numbers or as text. */
export const limitsIn = (
  fields: Readonly<Partial<Record<QuotaResource, number | string>>>,
): Partial<Limits> =>
  Object.fromEntries(
    quotaResources.filter((r) => fields[r] !== undefined).map((r) => [r, Number(fields[r])]),
  );
