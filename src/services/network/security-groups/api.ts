import { endpointOf } from '#kit/http/endpoint.ts';

import { ownTarget } from '../resource/access.ts';
import type { NetworkCall } from '../resource/call.ts';
import { creating, deleting, listing, loading, showing, updating } from '../resource/handlers.ts';
import { viewerOf } from '../resource/viewer.ts';
import type { Network } from '../service.ts';
import { createGroup, ensureDefaultGroup } from './create.ts';
import { securityGroups } from './noun.ts';
import { defaultGroupOf } from './store.ts';
import { removeGroup, updateGroup } from './update.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#security-groups-security-groups */
export const securityGroupEndpoints = [
  endpoint({
    method: 'GET',
    path: '/security-groups',
    policy: null,
    status: 200,
    handler: async (call) => {
      await provideDefault(call);
      return listing(securityGroups)(call);
    },
  }),
  endpoint({
    method: 'POST',
    path: '/security-groups',
    policy: 'create_security_group',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(securityGroups, (work, { project_id: projectId, ...group }) =>
      createGroup(work, { ...group, projectId }),
    ),
  }),
  endpoint({
    method: 'GET',
    path: '/security-groups/{id}',
    policy: 'get_security_group',
    load: loading(securityGroups),
    target: securityGroups.target,
    status: 200,
    handler: showing(securityGroups),
  }),
  endpoint({
    method: 'PUT',
    path: '/security-groups/{id}',
    policy: 'update_security_group',
    load: loading(securityGroups),
    target: securityGroups.target,
    body: 'json',
    status: 200,
    handler: updating(securityGroups, updateGroup),
  }),
  endpoint({
    method: 'DELETE',
    path: '/security-groups/{id}',
    policy: 'delete_security_group',
    load: loading(securityGroups),
    target: securityGroups.target,
    status: 204,
    handler: deleting(securityGroups, removeGroup),
  }),
];

/** Who looks for a project's groups finds at least the default one; only administrators have others' made. */
async function provideDefault(call: NetworkCall): Promise<void> {
  const { auth, query, service } = call;
  if (auth.projectId === undefined) return;
  const [projectId] = [query.project_id ?? query.tenant_id ?? auth.projectId].flat();
  if (!projectId || (projectId !== auth.projectId && !viewerOf(call).admin)) return;
  if ((await defaultGroupOf(service.db, projectId)) !== undefined) return;
  await service.write((work) => ensureDefaultGroup(work, projectId));
}
