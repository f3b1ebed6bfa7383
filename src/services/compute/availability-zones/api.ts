import { endpointOf } from '#kit/http/endpoint.ts';

import { internalZone, zoneOf } from '../aggregates/zones.ts';
import type { Service } from '../compute-services/store.ts';
import { noQuery } from '../query.ts';
import type { Compute } from '../service.ts';
import { viewZone, viewZoneBriefly } from './view.ts';

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

/** An availability zone with its enabled services. Without any it is not available. */
export interface Zone {
  readonly name: string;
  readonly services: readonly Service[];
}

/** Every zone that has services: those that are available first, each kind by name. */
async function zonesOf(service: Compute): Promise<Zone[]> {
  const aggregates = await service.aggregates.all();
  const byZone = Map.groupBy(await service.services.list(), (s) =>
    s.binary === 'nova-compute' ? zoneOf(aggregates, s.host) : internalZone,
  );
  const zones = [...byZone].map(([name, services]) => ({
    name,
    services: services.filter((s) => !s.disabled),
  }));
  zones.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...zones.filter((z) => z.services.length > 0), ...zones.filter((z) => z.services.length === 0)];
}
