import type { NetworkSummary, PortAddress, PortFacts, SecurityGroupFacts } from '#contracts/network.ts';
import { fromJson } from '#kit/db/columns.ts';

import { floatingIpsOfPorts } from './floatingips/store.ts';
import { networksById, type NetworkRow } from './networks/store.ts';
import type { Allocation, PortRow } from './ports/store.ts';
import { vifType } from './ports/view.ts';
import type { GroupRow } from './security-groups/store.ts';
import { subnetsById } from './subnets/store.ts';
import type { Route } from './subnets/values.ts';
import type { Db, FloatingIpTable, SubnetTable } from './tables.ts';

/** Network's rows as other services see them. */

type FloatingIp = Pick<FloatingIpTable, 'fixed_port_id' | 'fixed_ip_address' | 'floating_ip_address'>;

/** A network as Nova needs it to pick one; `shared` is as seen by the viewer the row was read for. */
export const networkSummary = (network: NetworkRow): NetworkSummary => ({
  id: network.id,
  name: network.name,
  projectId: network.project_id,
  shared: network.shared === 1,
  external: network.external === 1,
  hasSubnets: network.subnets.length > 0,
  portSecurity: network.port_security_enabled === 1,
});

/** A security group without its rules: other services only name groups. */
export const groupFacts = (group: GroupRow): SecurityGroupFacts => ({
  id: group.id,
  name: group.name,
  description: group.description,
  projectId: group.project_id,
});

/** Ports with their networks' and subnets' facts, in the order given. */
export async function portFacts(db: Db, ports: readonly PortRow[]): Promise<PortFacts[]> {
  const networkIds = [...new Set(ports.map((port) => port.network_id))];
  const subnetIds = [...new Set(ports.flatMap((port) => port.addresses.map((ip) => ip.subnet_id)))];
  const networks = new Map((await networksById(db, networkIds)).map((network) => [network.id, network]));
  const subnets = new Map((await subnetsById(db, subnetIds)).map((subnet) => [subnet.id, subnet]));
  const portIds = ports.map((port) => port.id);
  const floating = Map.groupBy(await floatingIpsOfPorts(db, portIds), (ip) => ip.fixed_port_id);
  return ports.map((port) =>
    factsOf(port, networks.get(port.network_id), subnets, floating.get(port.id) ?? []),
  );
}

const factsOf = (
  port: PortRow,
  network: NetworkRow | undefined,
  subnets: ReadonlyMap<string, SubnetTable>,
  floating: readonly FloatingIp[],
): PortFacts => ({
  id: port.id,
  name: port.name,
  networkId: port.network_id,
  networkName: network?.name ?? '',
  networkMtu: network?.mtu ?? 0,
  projectId: port.project_id,
  mac: port.mac_address,
  status: port.status as PortFacts['status'],
  adminStateUp: port.admin_state_up === 1,
  deviceId: port.device_id,
  deviceOwner: port.device_owner,
  host: port.binding_host_id,
  vnicType: port.binding_vnic_type,
  vifType: vifType(port),
  addresses: port.addresses.flatMap((ip) =>
    addressFacts(
      ip,
      subnets.get(ip.subnet_id),
      floating.filter((f) => f.fixed_ip_address === ip.ip_address),
    ),
  ),
  securityGroups: port.securityGroups,
  portSecurity: port.port_security_enabled === 1,
  tags: port.tags,
});

const addressFacts = (
  ip: Allocation,
  subnet: SubnetTable | undefined,
  floating: readonly FloatingIp[],
): PortAddress[] =>
  subnet
    ? [
        {
          address: ip.ip_address,
          version: subnet.ip_version as 4 | 6,
          subnetId: subnet.id,
          cidr: subnet.cidr,
          gateway: subnet.gateway_ip,
          dnsServers: fromJson<string[]>(subnet.dns_nameservers),
          routes: fromJson<Route[]>(subnet.host_routes),
          dhcp: subnet.enable_dhcp === 1,
          ipv6AddressMode: subnet.ipv6_address_mode,
          floating: floating.map((f) => f.floating_ip_address),
        },
      ]
    : [];
