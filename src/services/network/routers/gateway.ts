import { bit } from '#kit/db/columns.ts';

import { badResource, networkNotFound } from '../errors.ts';
import { floatingIpsOfRouter } from '../floatingips/store.ts';
import { findNetwork } from '../networks/store.ts';
import { createPort } from '../ports/create.ts';
import { changeAddresses } from '../ports/fixed-ips.ts';
import { owners } from '../ports/owners.ts';
import { removePortRows } from '../ports/remove.ts';
import { portsWith } from '../ports/store.ts';
import type { FixedIp } from '../ports/values.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import { subnetsOfNetwork } from '../subnets/store.ts';
import type { Work } from '../work.ts';
import { gatewayInUseByFloatingIp } from './errors.ts';
import type { GatewayInfo } from './schema.ts';
import { type Gateway, type RouterRow, updateRouterRow } from './store.ts';
import { requireDistinctSubnets } from './topology.ts';

/**
 * Leads a router out to an external network, elsewhere, or nowhere (null), following `_update_router_gw_info` of
 * neutron/db/l3_db.py. Throws `networkNotFound`, 400 (`BadRequest`) for a network that is not external or overlaps
 * with the router's own, `gatewayInUseByFloatingIp` when the old gateway is needed.
 */
export async function setGateway(
  work: Work,
  router: Pick<RouterRow, 'id' | 'gateway'>,
  info: GatewayInfo | null,
  viewer: Viewer,
): Promise<void> {
  if (info) await checkExternal(work, info, viewer);
  await updateRouterRow(work.db, router.id, { enable_snat: bit(info?.enable_snat ?? true) });
  const asked = info?.external_fixed_ips ?? [];
  if (router.gateway && info && router.gateway.networkId === info.network_id) {
    if (asksForOther(asked, router.gateway.addresses)) await moveWithin(work, router.gateway, asked);
    return;
  }
  if (router.gateway) await removeGateway(work, router.id, router.gateway);
  if (!info) return;
  await requireDistinctSubnets(work, router.id, await subnetsOfNetwork(work.db, info.network_id));
  await createPort(
    work,
    {
      networkId: info.network_id,
      // belongs to nobody: the external network is not the router owner's to delete ports on
      projectId: '',
      deviceId: router.id,
      deviceOwner: owners.routerGateway,
      status: 'ACTIVE',
      fixedIps: asked.length > 0 ? asked : undefined,
    },
    everything,
  );
}

async function checkExternal(work: Work, info: GatewayInfo, viewer: Viewer): Promise<void> {
  const network = await findNetwork(work.db, info.network_id, viewer);
  if (!network) throw networkNotFound(info.network_id);
  if (network.external !== 1) throw badResource('router', `Network ${network.id} is not an external network`);
  const gateways = (await subnetsOfNetwork(work.db, network.id)).map((subnet) => subnet.gateway_ip);
  const taken = info.external_fixed_ips?.find((ip) => ip.ip_address && gateways.includes(ip.ip_address));
  if (taken) throw badResource('router', `External IP ${taken.ip_address} is the same as the gateway IP`);
}

/**
 * Whether a list of addresses asks for a change, as `_check_for_external_ip_change` tells: by the set of subnets and
 * the set of addresses it names. One more entry of a subnet that is there already, without an address, asks for
 * nothing.
 */
function asksForOther(asked: readonly FixedIp[], present: Gateway['addresses']): boolean {
  if (asked.length === 0) return false;
  const differ = (name: 'subnet_id' | 'ip_address') => {
    const wanted = new Set(asked.map((ip) => ip[name]).filter((value) => value));
    return new Set(present.map((ip) => ip[name])).symmetricDifference(wanted).size > 0;
  };
  return differ('subnet_id') || differ('ip_address');
}

async function moveWithin(work: Work, gateway: Gateway, asked: readonly FixedIp[]): Promise<void> {
  const [port] = await portsWith(work.db, { id: [gateway.portId] });
  if (!port) return;
  await changeAddresses(
    work.db,
    { id: port.id, networkId: port.network_id, deviceOwner: port.device_owner, mac: port.mac_address },
    port.addresses,
    asked,
  );
  work.touch('port', port.id);
}

/** Takes a router's gateway away. Throws `conflict` while floating ips come in by it. */
export async function removeGateway(work: Work, routerId: string, gateway: Gateway): Promise<void> {
  if ((await floatingIpsOfRouter(work.db, [routerId])).length > 0)
    throw gatewayInUseByFloatingIp(routerId, gateway.networkId);
  await removePortRows(work, await portsWith(work.db, { id: [gateway.portId] }));
}

/** Gives gateways on a network an address of a new subnet's IP version, where they have none yet. */
export async function extendGateways(
  work: Work,
  subnet: { id: string; network_id: string; ip_version: number },
): Promise<void> {
  const gateways = await portsWith(work.db, {
    network_id: [subnet.network_id],
    device_owner: [owners.routerGateway],
  });
  const isVersion = (address: string) => address.includes(':') === (subnet.ip_version === 6);
  for (const port of gateways.filter((p) => !p.addresses.some((ip) => isVersion(ip.ip_address)))) {
    await changeAddresses(
      work.db,
      { id: port.id, networkId: port.network_id, deviceOwner: port.device_owner, mac: port.mac_address },
      port.addresses,
      [...port.addresses, { subnet_id: subnet.id }],
    );
    work.touch('port', port.id);
    work.touch('router', port.device_id);
  }
}
