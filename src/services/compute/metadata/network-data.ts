import ipaddr from 'ipaddr.js';

import type { PortAddress, PortFacts } from '#contracts/network.ts';

/** `network_data.json`: links, networks and services, as nova.virt.netutils.get_network_metadata makes it. */
export function networkData(ports: readonly PortFacts[]): object {
  const links: object[] = [];
  const networks: object[] = [];
  const services = new Map<string, object>();
  for (const port of ports.filter((p) => p.addresses.length > 0)) {
    const link = `tap${port.id.slice(0, 11)}`;
    links.push({
      id: link,
      vif_id: port.id,
      type: port.vifType === '' || port.vifType === 'unbound' ? 'phy' : port.vifType,
      mtu: port.networkMtu,
      ethernet_mac_address: port.mac,
    });
    for (const version of [4, 6] as const) {
      const address = port.addresses.find((a) => a.version === version);
      if (!address) continue;
      networks.push(networkOf(port, address, link, networks.length));
      for (const dns of address.dnsServers) services.set(dns, { type: 'dns', address: dns });
    }
  }
  return { links, networks, services: [...services.values()] };
}

function networkOf(port: PortFacts, address: PortAddress, link: string, number: number): object {
  const { version } = address;
  const base = { id: `network${number}`, link, network_id: port.networkId };
  if (address.ipv6AddressMode === null && address.dhcp) return { ...base, type: `ipv${version}_dhcp` };
  const any = version === 4 ? '0.0.0.0' : '::';
  const gateway = address.gateway === null ? [] : [{ network: any, netmask: any, gateway: address.gateway }];
  const routes = address.routes.map(({ destination, nexthop }) => {
    const [network = ''] = destination.split('/');
    return { network, netmask: netmaskOf(destination), gateway: nexthop };
  });
  return {
    ...base,
    type: address.ipv6AddressMode === null ? `ipv${version}` : `ipv${version}_${address.ipv6AddressMode}`,
    ip_address: address.address,
    netmask: netmaskOf(address.cidr),
    routes: [...gateway, ...routes],
    services: address.dnsServers.map((dns) => ({ type: 'dns', address: dns })),
  };
}

/** The netmask of a CIDR, written out. */
function netmaskOf(cidr: string): string {
  const [address, bits] = ipaddr.parseCIDR(cidr);
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.subnetMaskFromPrefixLength(bits).toString()
    : ipaddr.IPv6.subnetMaskFromPrefixLength(bits).toString();
}
