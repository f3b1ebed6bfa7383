import Type from 'typebox';

import { conflict, forbidden, isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import type { NetworkOnWire } from '../networks/view.ts';
import { type AskingCall, askPeer, segment } from '../peers/ask.ts';
import type { Compute } from '../service.ts';
import { type FloatingIpOnWire, poolName, viewFloatingIp } from './view.ts';

const endpoint = endpointOf<Compute>();

const until = '2.35';

const allocateBody = Type.Unsafe<{ pool?: string | null } | null>({
  type: ['object', 'null'],
  properties: { pool: { type: ['string', 'null'] } },
});

/** Floating addresses as Compute gave them until 2.35: https://docs.openstack.org/api-ref/compute/#floating-ips-os-floating-ips-deprecated */
export const floatingIpEndpoints = [
  endpoint({
    method: 'GET',
    path: '/os-floating-ip-pools',
    until,
    policy: 'os_compute_api:os-floating-ip-pools',
    status: 200,
    handler: async (call) => ({
      floating_ip_pools: (await listNetworks(call, [['router:external', 'True']])).map((network) => ({
        name: poolName(network),
      })),
    }),
  }),

  endpoint({
    method: 'GET',
    path: '/os-floating-ips',
    until,
    policy: 'os_compute_api:os-floating-ips:list',
    status: 200,
    handler: async (call) => {
      const path = `/v2.0/floatingips?tenant_id=${call.auth.projectId ?? ''}`;
      const { floatingips } = await askNetwork<{ floatingips: FloatingIpOnWire[] }>(call, path);
      const ids = new Set(floatingips.map((address) => address.floating_network_id));
      const networks = await listNetworks(
        call,
        [...ids].map((id) => ['id', id]),
      );
      const byId = new Map(networks.map((network) => [network.id, network]));
      return { floating_ips: floatingips.map((address) => viewFloatingIp(address, poolOf(address, byId))) };
    },
  }),

  endpoint({
    method: 'POST',
    path: '/os-floating-ips',
    until,
    policy: 'os_compute_api:os-floating-ips:create',
    body: allocateBody,
    status: 200,
    handler: async (call) => {
      const wanted = call.body?.pool || undefined;
      const pool = await findPool(call, wanted ?? call.service.parts.options.default_floating_pool);
      const address = await allocate(call, pool.id).catch((error: unknown) => {
        throw allocationProblem(error, wanted);
      });
      return { floating_ip: viewFloatingIp(address, pool) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/os-floating-ips/{id}',
    until,
    policy: 'os_compute_api:os-floating-ips:show',
    status: 200,
    handler: async (call) => {
      const address = await findFloatingIp(call, call.params.id);
      const path = `/v2.0/networks/${address.floating_network_id}`;
      const { network } = await askNetwork<{ network: NetworkOnWire }>(call, path);
      return { floating_ip: viewFloatingIp(address, network) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/os-floating-ips/{id}',
    until,
    policy: 'os_compute_api:os-floating-ips:delete',
    status: 202,
    handler: async (call) => {
      const { id } = await findFloatingIp(call, call.params.id);
      await askPeer(call, 'network', 'DELETE', `/v2.0/floatingips/${id}`);
    },
  }),
];

const askNetwork = <Body>(call: AskingCall, path: string) => askPeer<Body>(call, 'network', 'GET', path);

/** Networks the caller sees that match; none without a filter. */
async function listNetworks(call: AskingCall, filter: [string, string][]): Promise<NetworkOnWire[]> {
  if (filter.length === 0) return [];
  const query = new URLSearchParams(filter);
  return (await askNetwork<{ networks: NetworkOnWire[] }>(call, `/v2.0/networks?${query}`)).networks;
}

/** The network an address is from. One the caller no longer sees still has an id to be named by. */
const poolOf = (address: FloatingIpOnWire, networks: ReadonlyMap<string, NetworkOnWire>): NetworkOnWire =>
  networks.get(address.floating_network_id) ?? { id: address.floating_network_id, name: '' };

async function findPool(call: AskingCall, nameOrId: string): Promise<NetworkOnWire> {
  const pools = await listNetworks(call, [
    ['router:external', 'True'],
    [isUuidLike(nameOrId) ? 'id' : 'name', nameOrId],
  ]);
  if (pools.length > 1) throw conflict(`Multiple floating IP pools matches found for name '${nameOrId}'`);
  if (pools.length === 0) throw notFound('Floating IP pool not found.');
  return pools[0]!;
}

async function allocate(call: AskingCall, networkId: string): Promise<FloatingIpOnWire> {
  const body = { floatingip: { floating_network_id: networkId } };
  const path = '/v2.0/floatingips';
  return (await askPeer<{ floatingip: FloatingIpOnWire }>(call, 'network', 'POST', path, { body }))
    .floatingip;
}

const exhausted = ['IpAddressGenerationFailure', 'ExternalIpAddressExhausted'];

/** Nova's words for why no address was given. */
function allocationProblem(error: unknown, pool: string | undefined): unknown {
  if (!isKind(error, 'conflict')) return error;
  const type = error.details.type ?? '';
  if (exhausted.includes(type)) {
    const message = pool ? `No more floating IPs in pool ${pool}.` : 'No more floating IPs available.';
    return notFound(message, undefined, error);
  }
  if (type !== 'OverQuota') return error;
  const message = pool ? `IP allocation over quota in pool ${pool}.` : 'IP allocation over quota.';
  return forbidden(message, undefined, error);
}

async function findFloatingIp(call: AskingCall, id: string): Promise<FloatingIpOnWire> {
  try {
    const path = `/v2.0/floatingips/${segment(id)}`;
    return (await askNetwork<{ floatingip: FloatingIpOnWire }>(call, path)).floatingip;
  } catch (error) {
    if (isKind(error, 'notFound')) throw notFound(`Floating IP not found for ID ${id}`, undefined, error);
    throw error;
  }
}
