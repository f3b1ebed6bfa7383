import { endpointOf } from '#kit/http/endpoint.ts';

import { collection, isGiven } from '../listing.ts';
import { requireProject } from '../projects/operations.ts';
import type { Identity } from '../service.ts';
import type { EffectiveAssignment } from './expand.ts';
import { assignmentQueryOf, findAssignments } from './find.ts';
import { listRoleAssignmentsQuery } from './schema.ts';
import { type Names, viewAssignment } from './view.ts';

const endpoint = endpointOf<Identity>();

/** https://docs.openstack.org/api-ref/identity/v3/#list-role-assignments */
export const roleAssignmentEndpoints = [
  endpoint({
    method: 'GET',
    path: '/role_assignments',
    policy: 'identity:list_role_assignments',
    query: listRoleAssignmentsQuery,
    status: 200,
    target: (_, { auth }) => (auth.domainId ? { 'target.domain_id': auth.domainId } : {}),
    handler: async (call) => {
      const { service, auth, query, request } = call;
      const wanted = assignmentQueryOf(query);
      if (wanted.includeSubtree) {
        const { domainId } = await requireProject(service, wanted.projectId!);
        call.enforce('identity:list_role_assignments_for_tree', { 'target.domain_id': domainId });
      }
      const assignments = await findAssignments(service, wanted);
      const shown = auth.domainId ? await withinDomain(service, assignments, auth.domainId) : assignments;
      const names = isGiven(query, 'include_names') ? await namesFor(service, shown) : undefined;
      return collection(
        'role_assignments',
        shown.map((assignment) => viewAssignment(assignment, request.origin, names)),
        request,
      );
    },
  }),
];

/** Whoever has a domain's token sees what is on that domain and its projects only. */
async function withinDomain(
  { projects }: Identity,
  assignments: readonly EffectiveAssignment[],
  domainId: string,
): Promise<EffectiveAssignment[]> {
  const ids = assignments.flatMap(({ target }) => (target.type === 'project' ? [target.id] : []));
  const places = await projects.names([...new Set(ids)]);
  return assignments.filter(({ target }) => {
    if (target.type === 'system') return false;
    return target.type === 'domain' ? target.id === domainId : places.get(target.id)?.domainId === domainId;
  });
}

async function namesFor(service: Identity, assignments: readonly EffectiveAssignment[]): Promise<Names> {
  const idsOf = (type: string) =>
    assignments
      .flatMap(({ actor, target }) => [actor, target].filter((x) => x.type === type))
      .map((x) => x.id);
  const users = await service.users.names([...new Set(idsOf('user'))]);
  const groups = await service.groups.names([...new Set(idsOf('group'))]);
  const roles = new Map((await service.roles.list({})).map((role) => [role.id, role]));
  const projects = await service.projects.names([...new Set([...idsOf('project'), ...idsOf('domain')])]);
  const domains = [users, groups, roles, projects].flatMap((table) =>
    [...table.values()].flatMap(({ domainId }) => domainId ?? []),
  );
  const more = await service.projects.names([...new Set(domains)]);
  return { users, groups, roles, projects: new Map([...projects, ...more]) };
}
