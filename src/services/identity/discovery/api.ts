import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import type { Identity } from '../service.ts';
import { viewVersion } from './view.ts';

const endpoint = endpointOf<Identity>();

/** https://docs.openstack.org/api-ref/identity/v3/#what-s-new-in-version-3-14: open to all, to begin with. */
export const discoveryEndpoints = [
  endpoint({
    method: 'GET',
    path: '/',
    auth: 'none',
    policy: null,
    status: 300,
    handler: ({ request }) =>
      reply(
        { versions: { values: [viewVersion(request.origin)] } },
        { headers: { location: `${request.origin}/v3/` } },
      ),
  }),

  endpoint({
    method: 'GET',
    path: '/v3',
    auth: 'none',
    policy: null,
    status: 200,
    handler: ({ request }) => ({ version: viewVersion(request.origin) }),
  }),
];
