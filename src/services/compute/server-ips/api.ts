import { notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { noQuery } from '../query.ts';
import { loadsServer } from '../servers/find.ts';
import { portsOf } from '../servers/ports.ts';
import type { Server } from '../servers/server.ts';
import { type AddressView, viewAddresses } from '../servers/view.ts';
import type { Compute } from '../service.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#servers-ips-servers-ips */
export const serverIpEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/ips',
    policy: 'os_compute_api:ips:index',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: async ({ service, resource }) => {
      return { addresses: await addressesOf(service, resource) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/ips/{network}',
    policy: 'os_compute_api:ips:show',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: async ({ service, resource, params }) => {
      const addresses = await addressesOf(service, resource);
      if (!Object.hasOwn(addresses, params.network))
        throw notFound('Instance is not a member of specified network');
      return { [params.network]: addresses[params.network] };
    },
  }),
];

/** Here, unlike in a server's own representation, also those of one that is being built. */
async function addressesOf(service: Compute, server: Server): Promise<Record<string, AddressView[]>> {
  const ports = await portsOf(service, [server]);
  return viewAddresses({ ...server, vmState: 'active' }, ports, false);
}
