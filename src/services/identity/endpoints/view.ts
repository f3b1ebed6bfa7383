import { selfLink } from '../links.ts';
import type { CatalogEndpoint } from './store.ts';

/** An endpoint as the API shows it; `region` is what `region_id` was called before v3.2. */
export const viewEndpoint = (endpoint: CatalogEndpoint, origin: string) => ({
  ...endpoint.extra,
  id: endpoint.id,
  interface: endpoint.interface,
  region_id: endpoint.regionId,
  service_id: endpoint.serviceId,
  url: endpoint.url,
  enabled: endpoint.enabled,
  region: endpoint.regionId,
  links: { self: selfLink(origin, 'endpoints', endpoint.id) },
});
