import { badRequest, forbidden } from '#kit/errors/cloud-error.ts';

import type { Identity } from '../service.ts';
import type { Project } from './store.ts';

/**
 * Throws `badRequest` for a new project whose domain and parent are not there, do not fit or are disabled,
 * `forbidden` for one whose parent stands too deep already.
 */
export async function refuseUnfitPlace(service: Identity, project: Project): Promise<void> {
  const domain = await service.projects.find(project.domainId!);
  if (!domain?.isDomain) throw badRequest(`Could not find domain: ${project.domainId}.`);
  const parent = await service.projects.find(project.parentId!);
  if (!parent) throw badRequest(`Could not find project: ${project.parentId}.`);
  refuseOtherDomain(parent, domain.id);
  const line = [...(await service.projects.parents(parent.id)), parent];
  const disabled = line.find((above) => !above.enabled);
  if (disabled)
    throw badRequest(`cannot create a project in a branch containing a disabled project: ${disabled.id}`);
  // the domain at the top does not count
  if (line.length > service.options.max_project_tree_depth)
    throw forbidden(`Max hierarchy depth reached for ${parent.id} branch.`);
}

function refuseOtherDomain(parent: Project, domainId: string): void {
  if (parent.isDomain && parent.id !== domainId) {
    throw badRequest(
      `Cannot create project, the parent (${parent.id}) is acting as a domain, but this project's domain id ` +
        `(${domainId}) does not match the parent's id.`,
    );
  }
  if (!parent.isDomain && parent.domainId !== domainId) {
    throw badRequest(
      `Cannot create project, since it specifies its domain_id ${domainId}, but specifies a parent in a different ` +
        `domain (${parent.domainId}).`,
    );
  }
}
