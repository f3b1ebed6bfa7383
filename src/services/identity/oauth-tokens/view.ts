import { isoMicros } from '#kit/clock/clock.ts';
import { RawBody } from '#kit/http/reply.ts';

import type { Role } from '../roles/store.ts';
import { viewRole } from '../roles/view.ts';
import type { AccessToken } from './store.ts';

/** An access token as the API shows it. */
export function viewAccessToken(
  { id, consumerId, projectId, userId, expiresAt }: AccessToken,
  origin: string,
) {
  const self = `${origin}/v3/users/${userId}/OS-OAUTH1/access_tokens/${id}`;
  return {
    id,
    consumer_id: consumerId,
    project_id: projectId,
    authorizing_user_id: userId,
    expires_at: expiresAt === null ? null : isoMicros(expiresAt),
    links: { roles: `${self}/roles`, self },
  };
}

/** A role that access was granted with. Keystone leaves its description out. */
export function viewGrantedRole(role: Role, origin: string) {
  const { description: _, ...view } = viewRole(role, origin);
  return view;
}

/** A new token and its secret, as consumers expect them: in the form of a query. */
export function viewSecrets(token: Pick<AccessToken, 'id' | 'secret' | 'expiresAt'>): RawBody {
  const end = token.expiresAt === null ? '' : `&oauth_expires_at=${isoMicros(token.expiresAt)}`;
  const text = `oauth_token=${token.id}&oauth_token_secret=${token.secret}${end}`;
  return new RawBody(text, 'application/x-www-form-urlencoded');
}
