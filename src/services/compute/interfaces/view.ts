import type { PortFacts } from '#contracts/network.ts';

import type { Server } from '../servers/server.ts';

/** An interface as its port tells; the tag, shown since 2.70, is the server's own knowledge. */
export const viewInterface = (port: PortFacts, server: Server, shown: { tag: boolean }) => ({
  net_id: port.networkId,
  port_id: port.id,
  mac_addr: port.mac,
  port_state: port.status,
  fixed_ips: port.addresses.map(({ subnetId, address }) => ({ subnet_id: subnetId, ip_address: address })),
  ...(shown.tag && { tag: server.interfaces.find((nic) => nic.portId === port.id)?.tag ?? null }),
});
