import { selfLink } from '../links.ts';
import type { Credential } from './store.ts';

/** A credential as the API shows it, its blob in clear. */
export const viewCredential = (credential: Credential, origin: string) => ({
  ...credential.extra,
  id: credential.id,
  user_id: credential.userId,
  project_id: credential.projectId,
  type: credential.type,
  blob: credential.blob,
  links: { self: selfLink(origin, 'credentials', credential.id) },
});
