import { selfLink } from '../links.ts';
import type { User } from './store.ts';

/** A user as the API shows it. A password never expires. */
export const viewUser = (user: User, origin: string) => ({
  ...user.extra,
  id: user.id,
  name: user.name,
  domain_id: user.domainId,
  enabled: user.enabled,
  ...(user.defaultProjectId !== null && { default_project_id: user.defaultProjectId }),
  password_expires_at: null,
  options: user.options,
  links: { self: selfLink(origin, 'users', user.id) },
});

/** A user after an update, when Keystone shows the made-up attributes a second time. */
export const viewUpdatedUser = (user: User, origin: string) => ({
  ...viewUser(user, origin),
  extra: user.extra,
});
