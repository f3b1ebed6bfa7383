import { endpointOf } from '#kit/http/endpoint.ts';

import { networkNotFound } from '../errors.ts';
import { trimmed } from '../resource/access.ts';
import { readFields, readListQuery } from '../resource/query.ts';
import type { Network } from '../service.ts';
import { ipAvailabilityAttributes } from './schema.ts';
import { usageOfNetworks } from './store.ts';
import { viewAvailability } from './view.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#network-ip-availability-and-usage-stats */
export const ipAvailabilityEndpoints = [
  endpoint({
    method: 'GET',
    path: '/network-ip-availabilities',
    policy: null,
    status: 200,
    handler: async (call) => {
      const { filters } = readListQuery(ipAvailabilityAttributes, call.query);
      const fields = readFields(call.query);
      // whoever may not see usage sees none
      const networks = call.allows('get_network_ip_availability')
        ? await usageOfNetworks(call.service.db, filters)
        : [];
      return {
        network_ip_availabilities: networks.map((network) => trimmed(viewAvailability(network), [], fields)),
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/network-ip-availabilities/{network_id}',
    policy: null,
    status: 200,
    handler: async (call) => {
      const { service, params, query } = call;
      const [network] = await usageOfNetworks(service.db, new Map([['network_id', [params.network_id]]]));
      if (!network || !call.allows('get_network_ip_availability')) throw networkNotFound(params.network_id);
      return { network_ip_availability: trimmed(viewAvailability(network), [], readFields(query)) };
    },
  }),
];
