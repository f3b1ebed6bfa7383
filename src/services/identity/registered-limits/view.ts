import type { RegisteredLimit } from './store.ts';

/** A registered limit as the API shows it. */
export const viewRegisteredLimit = (limit: RegisteredLimit, origin: string) => ({
  id: limit.id,
  service_id: limit.serviceId,
  region_id: limit.regionId,
  resource_name: limit.resourceName,
  default_limit: limit.defaultLimit,
  description: limit.description,
  links: { self: `${origin}/v3/registered_limits/${limit.id}` },
});
