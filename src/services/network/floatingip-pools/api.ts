import { endpointOf } from '#kit/http/endpoint.ts';

import { attributes } from '../resource/attribute.ts';
import { listInMemory } from '../resource/in-memory.ts';
import { filteredBy } from '../resource/query.ts';
import { text } from '../resource/values.ts';
import { viewerOf } from '../resource/viewer.ts';
import type { Network } from '../service.ts';
import { listSubnets } from '../subnets/store.ts';

const endpoint = endpointOf<Network>();

const shown = { type: text(255) } as const;

/** neutron_lib/api/definitions/floatingip_pools.py */
const poolAttributes = attributes({
  subnet_id: shown,
  subnet_name: shown,
  network_id: shown,
  cidr: shown,
  project_id: shown,
  tenant_id: shown,
});

/** https://docs.openstack.org/api-ref/network/v2/#floating-ip-pools */
export const floatingIpPoolEndpoints = [
  endpoint({
    method: 'GET',
    path: '/floatingip-pools',
    policy: 'get_floatingip_pool',
    status: 200,
    handler: async (call) => {
      const external = filteredBy({ 'router:external': [true], ip_version: [4] });
      const subnets = await listSubnets(call.service.db, external, viewerOf(call));
      const { projectId } = call.auth;
      const pools = subnets.map((subnet) => ({
        subnet_id: subnet.id,
        subnet_name: subnet.name,
        network_id: subnet.network_id,
        cidr: subnet.cidr,
        tenant_id: projectId,
        project_id: projectId,
      }));
      return { floatingip_pools: listInMemory(pools, poolAttributes, call.query) };
    },
  }),
];
