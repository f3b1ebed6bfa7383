import { selfLink } from '../links.ts';
import type { Project } from '../projects/store.ts';

/** A domain as the API shows it: a project without what only projects have. */
export const viewDomain = (domain: Project, origin: string) => ({
  ...domain.extra,
  id: domain.id,
  name: domain.name,
  description: domain.description,
  enabled: domain.enabled,
  tags: domain.tags,
  options: domain.options,
  links: { self: selfLink(origin, 'domains', domain.id) },
});
