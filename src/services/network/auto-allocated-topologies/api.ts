import { endpointOf } from '#kit/http/endpoint.ts';

import { readFields } from '../resource/query.ts';
import type { Network } from '../service.ts';
import { provideTopology, removeTopology, requirements } from './topology.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#auto-allocated-topologies */
export const topologyEndpoints = [
  endpoint({
    method: 'GET',
    path: '/auto-allocated-topology/{project_id}',
    policy: 'get_auto_allocated_topology',
    target: (_, { params }) => ({ project_id: params.project_id }),
    status: 200,
    handler: async ({ service, params, query }) => {
      const { project_id: projectId } = params;
      // asks only whether one could be made
      const dryRun = readFields(query)?.has('dry-run') ?? false;
      if (dryRun) await requirements(service.db);
      const id = dryRun ? 'dry-run=pass' : await service.write((work) => provideTopology(work, projectId));
      return { auto_allocated_topology: { id, tenant_id: projectId, project_id: projectId } };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/auto-allocated-topology/{project_id}',
    policy: 'delete_auto_allocated_topology',
    target: (_, { params }) => ({ project_id: params.project_id }),
    status: 204,
    handler: ({ service, params }) => service.write((work) => removeTopology(work, params.project_id)),
  }),
];
