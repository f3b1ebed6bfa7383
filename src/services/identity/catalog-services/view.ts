import { selfLink } from '../links.ts';
import type { CatalogService } from './store.ts';

/** A service of the catalog as the API shows it. */
export const viewService = (service: CatalogService, origin: string) => ({
  ...service.extra,
  id: service.id,
  type: service.type,
  name: service.name,
  enabled: service.enabled,
  links: { self: selfLink(origin, 'services', service.id) },
});
