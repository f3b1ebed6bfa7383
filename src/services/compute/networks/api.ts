import { isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { type AskingCall, askPeer, segment } from '../peers/ask.ts';
import type { Compute } from '../service.ts';
import { type NetworkOnWire, viewNetwork, viewTenantNetwork } from './view.ts';

const endpoint = endpointOf<Compute>();

const proxied = { until: '2.35', status: 200 } as const;

/** Networks as Compute showed them until 2.35: https://docs.openstack.org/api-ref/compute/#networks-os-networks-deprecated */
export const networkEndpoints = [
  endpoint({
    ...proxied,
    method: 'GET',
    path: '/os-networks',
    policy: 'os_compute_api:os-networks:list',
    handler: async (call) => {
      const admin = call.allows('context_is_admin');
      return { networks: (await listNetworks(call)).map((network) => viewNetwork(network, admin)) };
    },
  }),

  endpoint({
    ...proxied,
    method: 'GET',
    path: '/os-networks/{id}',
    policy: 'os_compute_api:os-networks:show',
    handler: async (call) => {
      const network = await showNetwork(call, call.params.id);
      return { network: viewNetwork(network, call.allows('context_is_admin')) };
    },
  }),

  endpoint({
    ...proxied,
    method: 'GET',
    path: '/os-tenant-networks',
    policy: 'os_compute_api:os-tenant-networks:list',
    handler: async (call) => ({ networks: (await listNetworks(call)).map(viewTenantNetwork) }),
  }),

  endpoint({
    ...proxied,
    method: 'GET',
    path: '/os-tenant-networks/{id}',
    policy: 'os_compute_api:os-tenant-networks:show',
    handler: async (call) => ({ network: viewTenantNetwork(await showNetwork(call, call.params.id)) }),
  }),
];

async function listNetworks(call: AskingCall): Promise<NetworkOnWire[]> {
  const path = '/v2.0/networks?fields=id&fields=name';
  return (await askPeer<{ networks: NetworkOnWire[] }>(call, 'network', 'GET', path)).networks;
}

async function showNetwork(call: AskingCall, id: string): Promise<NetworkOnWire> {
  try {
    const path = `/v2.0/networks/${segment(id)}?fields=id&fields=name`;
    return (await askPeer<{ network: NetworkOnWire }>(call, 'network', 'GET', path)).network;
  } catch (error) {
    if (isKind(error, 'notFound')) throw notFound('Network not found', undefined, error);
    throw error;
  }
}
