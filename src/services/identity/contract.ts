import type { IdentityContract } from '#contracts/identity.ts';

import type { ProjectStore } from './projects/store.ts';
import type { TokenProvider } from './tokens/provider.ts';

/** What other services are given of Identity. */
export const identityContract = (tokens: TokenProvider, projects: ProjectStore): IdentityContract => ({
  authenticate: tokens.authenticate,
  async project(id) {
    const project = await projects.find(id);
    if (!project?.domainId) return undefined;
    return { id: project.id, name: project.name, domainId: project.domainId, enabled: project.enabled };
  },
});
