import type { MetadataNetwork } from '#contracts/metadata.ts';

import { cidrOf } from './addressing/ip.ts';
import { networksById } from './networks/store.ts';
import { owners } from './ports/owners.ts';
import { networksOn, portsWith } from './ports/store.ts';
import { subnetsOfNetworks } from './subnets/store.ts';
import type { Db } from './tables.ts';

/** The networks with guests' ports on a host, and the service port metadata is reached at in each. */
export async function metadataNetworks(db: Db, host: string): Promise<MetadataNetwork[]> {
  const ids = await networksOn(db, host, 'compute:');
  if (ids.length === 0) return [];
  const services = await portsWith(db, { network_id: ids, device_owner: [owners.service] });
  const prefixes = new Map((await subnetsOfNetworks(db, ids)).map((s) => [s.id, cidrOf(s.cidr).prefix]));
  const mtus = new Map((await networksById(db, ids)).map((network) => [network.id, network.mtu]));
  return services.map((port) => ({
    networkId: port.network_id,
    portId: port.id,
    mac: port.mac_address,
    cidrs: port.addresses.map((ip) => `${ip.ip_address}/${prefixes.get(ip.subnet_id)}`),
    mtu: mtus.get(port.network_id) ?? 1500,
  }));
}
