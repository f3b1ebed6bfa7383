import { selfLink } from '../links.ts';
import type { Group } from './store.ts';

/** A group as the API shows it. */
export const viewGroup = (group: Group, origin: string) => ({
  ...group.extra,
  id: group.id,
  name: group.name,
  domain_id: group.domainId,
  description: group.description,
  links: { self: selfLink(origin, 'groups', group.id) },
});
