import { selfLink } from '../links.ts';
import type { Region } from './store.ts';

/** A region as the API shows it. */
export const viewRegion = (region: Region, origin: string) => ({
  ...region.extra,
  id: region.id,
  description: region.description,
  parent_region_id: region.parentRegionId,
  links: { self: selfLink(origin, 'regions', region.id) },
});
