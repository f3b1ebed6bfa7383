import { endpointOf } from '#kit/http/endpoint.ts';

import { attributes } from '../resource/attribute.ts';
import { listInMemory } from '../resource/in-memory.ts';
import { text } from '../resource/values.ts';
import type { Network } from '../service.ts';

const endpoint = endpointOf<Network>();

const shown = { type: text(255), filter: true } as const;
const zoneAttributes = attributes({ name: shown, resource: shown, state: shown });

/** https://docs.openstack.org/api-ref/network/v2/#availability-zones */
export const availabilityZoneEndpoints = [
  endpoint({
    method: 'GET',
    path: '/availability_zones',
    policy: null,
    status: 200,
    handler: async (call) => ({
      availability_zones: listInMemory(
        call.allows('get_availability_zone') ? await zones(call.service) : [],
        zoneAttributes,
        call.query,
      ),
    }),
  }),
];

/** The zone, for networks and for routers, as soon as any agent is in it. */
async function zones({ driver, settings }: Network) {
  const agents = await driver.agents();
  if (agents.length === 0) return [];
  const state = agents.some((agent) => agent.alive) ? 'available' : 'unavailable';
  return ['network', 'router'].map((resource) => ({ name: settings.availability_zone, resource, state }));
}
