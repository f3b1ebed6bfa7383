import { endpointOf } from '#kit/http/endpoint.ts';

import { passwordOf } from '../metadata/openstack.ts';
import { noQuery } from '../query.ts';
import { editServer } from '../servers/edit.ts';
import { loadsServer } from '../servers/find.ts';
import type { Compute } from '../service.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#servers-password-servers-os-server-password */
export const serverPasswordEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/os-server-password',
    policy: 'os_compute_api:os-server-password:show',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: ({ resource }) => ({ password: passwordOf(resource.systemMetadata) }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}/os-server-password',
    policy: 'os_compute_api:os-server-password:clear',
    status: 204,
    ...loadsServer,
    handler: async ({ service, resource }) => {
      await editServer(service, resource, 'systemMetadata', (before) => {
        const { password: _, ...others } = before;
        return others;
      });
    },
  }),
];
