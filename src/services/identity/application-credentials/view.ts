import { viewAccessRuleBriefly } from '../access-rules/view.ts';
import { isoOfMicros } from '../expiry.ts';
import type { RoleGraph } from '../roles/graph.ts';
import type { ApplicationCredential } from './store.ts';

/** An application credential as the API shows it. Its secret is shown once, by whoever makes it. */
export const viewApplicationCredential = (
  credential: ApplicationCredential,
  graph: RoleGraph,
  origin: string,
) => ({
  id: credential.id,
  name: credential.name,
  description: credential.description,
  user_id: credential.userId,
  project_id: credential.projectId,
  system: null,
  expires_at: credential.expiresAtMicros === null ? null : isoOfMicros(credential.expiresAtMicros),
  unrestricted: credential.unrestricted,
  roles: credential.roleIds.flatMap((id) => {
    const role = graph.role(id);
    if (!role) return [];
    const { name, domainId, description, options } = role;
    return [{ id, name, domain_id: domainId, description, options }];
  }),
  ...(credential.accessRules.length > 0 && {
    access_rules: credential.accessRules.map(viewAccessRuleBriefly),
  }),
  links: {
    self: `${origin}/v3/users/${credential.userId}/application_credentials/${credential.id}`,
  },
});
