import type { CatalogEndpoint } from '../endpoints/store.ts';
import type { EndpointGroup } from './store.ts';

/** Whether an endpoint is in a group: it has all that the group asks for. */
export const isInGroup = (endpoint: CatalogEndpoint, { filters }: EndpointGroup): boolean =>
  (filters.service_id === undefined || filters.service_id === endpoint.serviceId) &&
  (filters.region_id === undefined || filters.region_id === endpoint.regionId) &&
  (filters.interface === undefined || filters.interface === endpoint.interface);
