import { endpointOf } from '#kit/http/endpoint.ts';

import { internalZone } from '../aggregates/zones.ts';
import { noQuery } from '../query.ts';
import type { Compute } from '../service.ts';
import { viewZone, viewZoneBriefly } from './view.ts';
import { zonesOf } from './zones.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#availability-zones-os-availability-zone */
export const zoneEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-availability-zone',
    policy: 'os_compute_api:os-availability-zone:list',
    query: noQuery,
    status: 200,
    handler: async ({ service }) => {
      const zones = (await zonesOf(service)).filter(({ name }) => name !== internalZone);
      return { availabilityZoneInfo: zones.map(viewZoneBriefly) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-availability-zone/detail',
    policy: 'os_compute_api:os-availability-zone:detail',
    query: noQuery,
    status: 200,
    handler: async ({ service }) => ({
      availabilityZoneInfo: (await zonesOf(service)).map((zone) => viewZone(zone, service.presence)),
    }),
  }),
];
