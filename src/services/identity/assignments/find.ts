import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';

import { isGiven } from '../listing.ts';
import { requireProject } from '../projects/operations.ts';
import type { Identity } from '../service.ts';
import { type EffectiveAssignment, expandGroups, expandInherited, expandRoles, treeBelow } from './expand.ts';
import { type Actor, systemTarget, type Target } from './store.ts';

/** Which role assignments are asked for. */
export interface AssignmentQuery {
  readonly roleId?: string;
  readonly userId?: string;
  readonly groupId?: string;
  readonly projectId?: string;
  readonly domainId?: string;
  readonly system: boolean;
  readonly inherited?: boolean;
  readonly effective: boolean;
  readonly includeSubtree: boolean;
}

/** Reads the filters of `GET /role_assignments`; refuses those that contradict each other. */
export function assignmentQueryOf(query: Query): AssignmentQuery {
  const text = (name: string) => (query[name] as string | undefined) || undefined;
  const given: Record<string, string | undefined> = {
    roleId: text('role.id'),
    userId: text('user.id'),
    groupId: text('group.id'),
    projectId: text('scope.project.id'),
    domainId: text('scope.domain.id'),
  };
  const inheritedTo = query['scope.OS-INHERIT:inherited_to'];
  const wanted: AssignmentQuery = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    system: query['scope.system'] === 'all',
    ...(inheritedTo !== undefined && { inherited: inheritedTo === 'projects' }),
    effective: isGiven(query, 'effective'),
    includeSubtree: isGiven(query, 'include_subtree'),
  };
  refuseContradictions(wanted, text('scope.system') !== undefined);
  return wanted;
}

function refuseContradictions(wanted: AssignmentQuery, system: boolean): void {
  const { domainId, projectId, userId, groupId, effective, inherited } = wanted;
  if (wanted.includeSubtree && !projectId)
    throw badRequest('scope.project.id must be specified if include_subtree is also specified');
  if (domainId && projectId) throw badRequest('Specify a domain or project, not both');
  if (domainId && system) throw badRequest('Specify system or domain, not both');
  if (projectId && system) throw badRequest('Specify system or project, not both');
  if (userId && groupId) throw badRequest('Specify a user or group, not both');
  if (effective && groupId)
    throw badRequest('Combining effective and group filter will always result in an empty list.');
  if (effective && inherited && domainId) {
    throw badRequest(
      'Combining effective, domain and inherited filters will always result in an empty list.',
    );
  }
}

/** The assignments asked for: as they were made or, effective, what every single user has by them. */
export async function findAssignments(
  service: Identity,
  wanted: AssignmentQuery,
): Promise<EffectiveAssignment[]> {
  return wanted.effective ? findEffective(service, wanted) : findDirect(service, wanted);
}

async function findDirect(service: Identity, wanted: AssignmentQuery): Promise<EffectiveAssignment[]> {
  const { userId, groupId, roleId, inherited } = wanted;
  const actors: Actor[] | undefined = userId
    ? [{ type: 'user', id: userId }]
    : groupId
      ? [{ type: 'group', id: groupId }]
      : undefined;
  const targets = await targetsOf(service, wanted);
  return service.assignments.list({
    ...(actors && { actors }),
    ...(targets && { targets }),
    ...(roleId !== undefined && { roleId }),
    ...(inherited !== undefined && { inherited }),
  });
}

async function targetsOf(service: Identity, wanted: AssignmentQuery): Promise<Target[] | undefined> {
  const { projectId, domainId, system, includeSubtree } = wanted;
  if (system) return [systemTarget];
  if (domainId) return [{ type: 'domain', id: domainId }];
  if (!projectId) return undefined;
  const below = includeSubtree ? await service.projects.subtree(projectId) : [];
  return [projectId, ...below.map(({ id }) => id)].map((id) => ({ type: 'project', id }));
}

async function findEffective(service: Identity, wanted: AssignmentQuery): Promise<EffectiveAssignment[]> {
  const { userId } = wanted;
  const groups = userId ? await service.groups.idsOfUser(userId) : [];
  const actors: Actor[] | undefined = userId
    ? [{ type: 'user', id: userId }, ...groups.map((id) => ({ type: 'group', id }) as const)]
    : undefined;
  const sources = await effectiveSources(service, wanted);
  const assignments = (
    await service.assignments.list({
      ...(actors && { actors }),
      ...(sources.all && { targets: sources.all }),
    })
  ).filter(sources.applies);
  const below = assignments.some((a) => a.inherited) ? treeBelow(await service.projects.tree()) : () => [];
  const users = expandGroups(
    assignments,
    userId ? new Map(groups.map((id) => [id, [userId]])) : await membersOf(service, assignments),
  );
  const expanded = expandRoles(
    expandInherited(users, below, sources.projects),
    await service.roleGraph.get(),
  );
  return wanted.roleId ? expanded.filter(({ roleId }) => roleId === wanted.roleId) : expanded;
}

interface Sources {
  /** The targets from which a role on what is asked for may come; undefined for any. */
  readonly all: readonly Target[] | undefined;
  /** The projects asked for; undefined for any. */
  readonly projects?: ReadonlySet<string>;
  applies(assignment: { readonly target: Target; readonly inherited: boolean }): boolean;
}

/** Where effective roles come from: the targets themselves, and what stands above projects. */
async function effectiveSources(service: Identity, wanted: AssignmentQuery): Promise<Sources> {
  const { projectId, domainId, system } = wanted;
  const asWanted = (inherited: boolean) => wanted.inherited === undefined || wanted.inherited === inherited;
  if (system) return { all: [systemTarget], applies: () => wanted.inherited !== true };
  if (domainId) return { all: [{ type: 'domain', id: domainId }], applies: ({ inherited }) => !inherited };
  if (!projectId) {
    // roles on the system are listed when the system is asked for
    return {
      all: undefined,
      applies: ({ target, inherited }) => target.type !== 'system' && asWanted(inherited),
    };
  }
  const project = await requireProject(service, projectId);
  const above = await service.projects.parents(project.id);
  const own = (await targetsOf(service, wanted))!;
  const projects = new Set(own.map(({ id }) => id));
  return {
    all: [
      ...own,
      ...above.map(({ id }): Target => ({ type: 'project', id })),
      ...above.filter(({ isDomain }) => isDomain).map(({ id }): Target => ({ type: 'domain', id })),
    ],
    projects,
    applies: ({ target, inherited }) => asWanted(inherited) && (inherited || projects.has(target.id)),
  };
}

const membersOf = (service: Identity, assignments: readonly { readonly actor: Actor }[]) =>
  service.groups.members([
    ...new Set(assignments.flatMap(({ actor }) => (actor.type === 'group' ? [actor.id] : []))),
  ]);
