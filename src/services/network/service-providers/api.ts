import { endpointOf } from '#kit/http/endpoint.ts';

import { attributes } from '../resource/attribute.ts';
import { listInMemory } from '../resource/in-memory.ts';
import { bool, text } from '../resource/values.ts';
import type { Network } from '../service.ts';

const endpoint = endpointOf<Network>();

const shown = { type: text(255), filter: true } as const;

/** neutron_lib/api/definitions/servicetype.py */
const providerAttributes = attributes({
  service_type: shown,
  name: shown,
  default: { type: bool, filter: true },
});

/** https://docs.openstack.org/api-ref/network/v2/#service-providers */
export const serviceProviderEndpoints = [
  endpoint({
    method: 'GET',
    path: '/service-providers',
    policy: 'get_service_provider',
    status: 200,
    // the engine routes; nothing else has a provider
    handler: ({ service, query }) => ({
      service_providers: listInMemory(
        [{ service_type: 'L3_ROUTER_NAT', name: service.driver.name, default: true }],
        providerAttributes,
        query,
      ),
    }),
  }),
];
