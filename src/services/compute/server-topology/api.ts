import { endpointOf } from '#kit/http/endpoint.ts';

import { noQuery } from '../query.ts';
import { loadsServer } from '../servers/find.ts';
import type { Compute } from '../service.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#servers-topology */
export const serverTopologyEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/topology',
    since: '2.78',
    policy: 'compute:server:topology:index',
    query: noQuery,
    status: 200,
    ...loadsServer,
    // guests have no NUMA topology of their own here; Nova answers the same for those that have none
    handler: () => ({ nodes: [], pagesize_kb: null }),
  }),
];
