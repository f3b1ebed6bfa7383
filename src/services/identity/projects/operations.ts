import type { AnyTransaction } from '#kit/db/database.ts';
import { badRequest, forbidden } from '#kit/errors/cloud-error.ts';

import { clash, missing, refuseDuplicate } from '../errors.ts';
import { removeGroups } from '../groups/operations.ts';
import { mergeOptions, refuseImmutableDelete, refuseImmutableUpdate } from '../resource-options.ts';
import { refuseMove, refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { removeUsers } from '../users/operations.ts';
import { refuseUnfitPlace } from './hierarchy.ts';
import type { ProjectFields } from './schema.ts';
import type { Project } from './store.ts';

/**
 * Makes a project, or a domain where `isDomain` says so, at its place in the hierarchy. Throws `conflict` when the
 * name is taken there, and what is said of a place that does not fit.
 */
export async function insertProject(service: Identity, project: Project): Promise<void> {
  if (project.isDomain && project.parentId !== null)
    throw badRequest('only root projects are allowed to act as domains.');
  if (!project.isDomain) await refuseUnfitPlace(service, project);
  await refuseDuplicate(
    service.changes.apply((trx) => service.projects.insert(trx, project)),
    () => taken(project),
  );
}

/**
 * Changes what `fields` name of a project or a domain. Disabling shuts out every token scoped to it. Throws
 * `conflict` for a name that is taken, `forbidden` for an immutable one and for what the hierarchy does not allow,
 * `notFound` for one that was deleted meanwhile.
 */
export async function updateProject(
  service: Identity,
  project: Project,
  fields: ProjectFields,
): Promise<Project> {
  const { id, domain_id: domainId, parent_id: parentId, is_domain: isDomain, ...rest } = fields;
  const { name, description, enabled, tags, options, ...extra } = rest;
  refuseOtherId(id, project.id);
  refuseMove(domainId, project.domainId);
  refuseImmutableUpdate(project.isDomain ? 'domain' : 'project', project, fields);
  if (parentId !== undefined && parentId !== project.parentId)
    throw forbidden('Update of `parent_id` is not allowed.');
  if (isDomain !== undefined && isDomain !== project.isDomain)
    throw badRequest('Update of `is_domain` is not allowed.');
  const updated: Project = {
    ...project,
    name: name?.trim() ?? project.name,
    description: description === undefined ? project.description : description,
    enabled: enabled ?? project.enabled,
    tags: tags?.map((tag) => tag.trim()) ?? project.tags,
    options: mergeOptions(project.options, options),
    extra: { ...project.extra, ...extra },
  };
  await refuseSwitch(service, project, updated.enabled);
  const write = service.changes.apply(async (trx) => {
    if (!(await service.projects.update(trx, updated)))
      throw missing(project.isDomain ? 'domain' : 'project', project.id);
    if (tags) await service.projects.setTags(trx, project.id, updated.tags);
  });
  await refuseDuplicate(write, () => taken(updated));
  return updated;
}

/** A project is enabled only under enabled ones, and disabled only above disabled ones. */
async function refuseSwitch({ projects }: Identity, project: Project, enabled: boolean): Promise<void> {
  if (enabled === project.enabled || project.isDomain) return;
  const { id } = project;
  if (enabled && (await projects.parents(id)).some((parent) => !parent.enabled))
    throw forbidden(`Cannot enable project ${id} since it has disabled parents`);
  if (!enabled && (await projects.subtree(id)).some((child) => child.enabled))
    throw forbidden(`Cannot disable project ${id} since its subtree contains enabled projects.`);
}

/**
 * Deletes a project without children, or a disabled domain with all that is in it. Throws `forbidden` for any other,
 * and when one of them is immutable.
 */
export async function deleteProject(service: Identity, project: Project): Promise<void> {
  refuseImmutableDelete(project.isDomain ? 'domain' : 'project', project);
  const { id } = project;
  if (project.isDomain) {
    if (project.enabled) throw forbidden('Cannot delete a domain that is enabled, please disable it first.');
    await service.changes.apply((trx) => removeDomain(service, trx, id));
    return;
  }
  if ((await service.projects.list({ parentId: id }, { limit: 1 })).length > 0) {
    throw forbidden(
      `Cannot delete the project ${id} since it is not a leaf in the hierarchy. Use the cascade option if you want to ` +
        'delete a whole subtree.',
    );
  }
  await service.changes.apply((trx) => removeProjects(service, trx, [id]));
}

async function removeDomain(service: Identity, trx: AnyTransaction, id: string): Promise<void> {
  const projects = await service.projects.list({ domainId: id }, {}, trx);
  for (const project of projects) refuseImmutableDelete('project', project);
  const groups = await service.groups.list({ domainId: id }, {}, trx);
  const users = await service.users.list({ domainId: id }, {}, trx);
  const roles = await service.roles.list({ domainId: id }, {}, trx);
  await removeGroups(service, trx, idsOf(groups));
  await removeUsers(service, trx, idsOf(users));
  await service.roles.remove(trx, idsOf(roles));
  await removeProjects(service, trx, [...idsOf(projects), id]);
}

async function removeProjects(service: Identity, trx: AnyTransaction, ids: readonly string[]): Promise<void> {
  await service.assignments.removeOfTargets(trx, ids);
  await service.credentials.removeOfProjects(trx, ids);
  await service.users.unsetDefaultProject(trx, ids);
  await service.projects.remove(trx, ids);
  await service.revocations.revoke(
    trx,
    ids.map((projectId) => ({ projectId })),
  );
}

const idsOf = (resources: readonly { readonly id: string }[]): string[] => resources.map(({ id }) => id);

/** The project; throws `notFound` without one. */
export async function requireProject({ projects }: Identity, id: string): Promise<Project> {
  const project = await projects.find(id);
  if (!project) throw missing('project', id);
  return project;
}

/** The domain; throws `notFound` without one, or for a project that is none. */
export async function requireDomain({ projects }: Identity, id: string): Promise<Project> {
  const domain = await projects.find(id);
  if (!domain?.isDomain) throw missing('domain', id);
  return domain;
}

const taken = ({ id, name, isDomain }: Project) =>
  clash(
    'project',
    isDomain
      ? `it is not permitted to have two projects acting as domains with the same name: ${name}`
      : `it is not permitted to have two projects with either the same name or same id in the same domain: name is ${name}, project id ${id}`,
  );
