import { badRequest, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { maxInteger } from '../fields.ts';
import { lastOf, noQuery, pageOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { createServerGroupBody, listServerGroupsQuery } from './schema.ts';
import type { GroupPolicy, NewServerGroup, ServerGroup } from './store.ts';
import { viewServerGroup } from './view.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#server-groups-os-server-groups */
export const serverGroupEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-server-groups',
    policy: 'os_compute_api:os-server-groups:index',
    query: listServerGroupsQuery,
    status: 200,
    handler: async (call) => {
      const { service, query, auth } = call;
      // whoever is no administrator is shown their own, without being told
      const all = query.all_projects !== undefined && call.allows('context_is_admin');
      if (all) call.enforce('os_compute_api:os-server-groups:index:all_projects');
      const maxLimit = service.parts.options.max_limit;
      const groups = await service.serverGroups.list({
        ...(!all && { projectId: auth.projectId ?? '' }),
        // here, unlike elsewhere, a limit of nothing is no limit
        limit: pageOf(query, maxLimit).limit || maxLimit,
        offset: Math.min(Number(lastOf(query, 'offset') ?? 0), maxInteger),
      });
      return { server_groups: groups.map((group) => viewServerGroup(group, call)) };
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-server-groups',
    policy: 'os_compute_api:os-server-groups:create',
    body: createServerGroupBody,
    status: 200,
    handler: async (call) => {
      const { service, body, auth } = call;
      const group: NewServerGroup = {
        id: newUuid(),
        projectId: auth.projectId ?? '',
        userId: auth.userId,
        createdAt: service.parts.clock.now(),
        ...wishOf(body.server_group),
      };
      const { server_groups: project } = await service.quotas.limitsOf(group.projectId);
      const { server_groups: user } = await service.quotas.limitsOf(group.projectId, group.userId);
      if ((await service.serverGroups.insert(group, { project, user })) === 'over quota') {
        throw forbidden('Quota exceeded, too many server groups.');
      }
      return { server_group: viewServerGroup({ ...group, members: [] }, call) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-server-groups/{id}',
    policy: 'os_compute_api:os-server-groups:show',
    query: noQuery,
    status: 200,
    load: ({ service, params }) => findGroup(service, params.id),
    target: ownedBy,
    handler: (call) => ({ server_group: viewServerGroup(call.resource, call) }),
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-server-groups/{id}',
    policy: 'os_compute_api:os-server-groups:delete',
    status: 204,
    load: ({ service, params }) => findGroup(service, params.id),
    target: ownedBy,
    handler: async ({ service, resource }) => {
      if (!(await service.serverGroups.remove(resource.id))) throw groupNotFound(resource.id);
    },
  }),
];

interface GroupWish {
  readonly name: string;
  readonly policies?: readonly GroupPolicy[];
  readonly policy?: GroupPolicy;
  readonly rules?: { readonly max_server_per_host?: number | string };
}

/** What a body asks for, in whatever version. Throws `badRequest` for rules that its policy does not have. */
function wishOf(wish: GroupWish): Pick<ServerGroup, 'name' | 'policy' | 'maxServerPerHost'> {
  const policy = wish.policy ?? wish.policies![0]!;
  const max = wish.rules?.max_server_per_host;
  if (policy !== 'anti-affinity' && max !== undefined) {
    throw badRequest('Only anti-affinity policy supports rules.');
  }
  const maxServerPerHost = max === undefined ? null : Math.min(Number(max), maxInteger);
  return { name: wish.name, policy, maxServerPerHost };
}

function ownedBy(group: ServerGroup) {
  return { project_id: group.projectId };
}

async function findGroup(service: Compute, id: string): Promise<ServerGroup> {
  const group = await service.serverGroups.find(id);
  if (!group) throw groupNotFound(id);
  return group;
}

const groupNotFound = (id: string) => notFound(`Instance group ${id} could not be found.`);
