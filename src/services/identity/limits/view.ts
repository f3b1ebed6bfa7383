import type { Limit } from './store.ts';

/** A limit as it is shown along with its project: without a link. */
export const viewLimitBriefly = (limit: Limit) => ({
  id: limit.id,
  project_id: limit.projectId,
  domain_id: limit.domainId,
  service_id: limit.serviceId,
  region_id: limit.regionId,
  resource_name: limit.resourceName,
  resource_limit: limit.resourceLimit,
  description: limit.description,
});

/** A limit as the API shows it. */
export const viewLimit = (limit: Limit, origin: string) => ({
  ...viewLimitBriefly(limit),
  links: { self: `${origin}/v3/limits/${limit.id}` },
});
