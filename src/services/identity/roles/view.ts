import { selfLink } from '../links.ts';
import type { Role } from './store.ts';

/** A role as the API shows it. */
export const viewRole = (role: Role, origin: string) => ({
  ...role.extra,
  id: role.id,
  name: role.name,
  domain_id: role.domainId,
  description: role.description,
  options: role.options,
  links: { self: selfLink(origin, 'roles', role.id) },
});

/** A role as inference rules show it. */
export const viewRoleBriefly = (role: Role, origin: string) => ({
  id: role.id,
  links: { self: selfLink(origin, 'roles', role.id) },
  name: role.name,
});
