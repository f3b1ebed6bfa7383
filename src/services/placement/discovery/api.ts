import { endpointOf } from '#kit/http/endpoint.ts';

import { answer } from '../requests.ts';
import type { Placement } from '../service.ts';
import { placementMicroversions } from '../versions.ts';

const endpoint = endpointOf<Placement>();

/** The version document at the root, open to all. */
export const discoveryEndpoints = [
  endpoint({
    method: 'GET',
    path: '/',
    auth: 'none',
    policy: null,
    status: 200,
    handler: (call) =>
      answer(call, {
        versions: [
          {
            id: `v${placementMicroversions.min}`,
            max_version: placementMicroversions.max,
            min_version: placementMicroversions.min,
            status: 'CURRENT',
            // relative: wherever this document was found
            links: [{ rel: 'self', href: '' }],
          },
        ],
      }),
  }),
];
