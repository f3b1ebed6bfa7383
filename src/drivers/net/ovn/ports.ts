import type { WantedPort } from '../driver.ts';
import { putPortDhcp } from './dhcp.ts';
import { putPortNames, removePortNames } from './dns.ts';
import { dropGroupUuid, owned, portDhcpUuid, routerPortName } from './names.ts';
import { networkFacts } from './networks.ts';
import type { NorthboundChange } from './northbound.ts';
import { putDropGroup } from './security-groups.ts';

/** Port groups a port is in now, by the port's UUID. */
export type GroupsOfPort = (portId: string) => Iterable<string>;

/** Ports that are the cloud's own are trusted: no security groups, no port security, no DHCP. */
const isTrusted = (port: WantedPort): boolean =>
  port.kind !== 'plain' || port.deviceOwner.startsWith('network:');

/** A port is a logical switch port by its own id, which is also the interface id on the hypervisor's switch. */
export function putPort(change: NorthboundChange, port: WantedPort, groupsOf: GroupsOfPort): void {
  const trusted = isTrusted(port);
  const secured = port.portSecurity && !trusted;
  change.put('Logical_Switch_Port', port.id, {
    name: port.id,
    type: typeOf(port),
    addresses: addressesOf(port, secured),
    port_security: secured ? allowedSources(port) : [],
    enabled: port.adminStateUp,
    options: optionsOf(change, port),
    dhcpv4_options: trusted ? null : putPortDhcp(change, port, 4),
    dhcpv6_options: trusted ? null : putPortDhcp(change, port, 6),
    external_ids: {
      [owned.port]: port.id,
      [owned.network]: port.networkId,
      'neutron:port_name': port.name,
      'neutron:device_id': port.deviceId,
      'neutron:device_owner': port.deviceOwner,
    },
  });
  change.include('Logical_Switch', port.networkId, 'ports', port.id);
  putPortNames(change, port);
  putMembership(change, port, trusted, secured, groupsOf);
}

/** A switch that loses the port lets the row go, and port groups forget it. */
export function removePort(change: NorthboundChange, id: string): void {
  change.excludeAnywhere('Logical_Switch', 'ports', id);
  for (const version of [4, 6] as const) change.delete('DHCP_Options', portDhcpUuid(id, version));
  removePortNames(change, id);
}

function typeOf(port: WantedPort): string {
  if (port.kind === 'router') return 'router';
  if (port.kind === 'service') return 'localport';
  return port.shared ? 'virtual' : '';
}

function putMembership(
  change: NorthboundChange,
  port: WantedPort,
  trusted: boolean,
  secured: boolean,
  groupsOf: GroupsOfPort,
): void {
  const wanted = new Set(trusted ? [] : port.securityGroups);
  if (secured) {
    putDropGroup(change);
    wanted.add(dropGroupUuid);
  }
  for (const group of groupsOf(port.id))
    if (!wanted.has(group)) change.exclude('Port_Group', group, 'ports', port.id);
  for (const group of wanted) change.include('Port_Group', group, 'ports', port.id);
}

const ownAddresses = (port: WantedPort): string[] => port.addresses.map(({ address }) => address);

/** MAC addresses of allowed address pairs that differ from the port's own, with what they may use. */
function otherMacs(port: WantedPort): Map<string, string[]> {
  const byMac = Map.groupBy(
    port.allowedAddressPairs.filter(({ mac }) => mac !== port.mac),
    ({ mac }) => mac,
  );
  return new Map([...byMac].map(([mac, pairs]) => [mac, pairs.map(({ address }) => address)]));
}

/** Where the switch delivers to this port. Without port security it may use any address. */
function addressesOf(port: WantedPort, secured: boolean): string[] {
  if (port.kind === 'router') return ['router'];
  const own = [port.mac, ...ownAddresses(port)].join(' ');
  if (secured) return [own, ...otherMacs(port).keys()];
  return port.kind === 'plain' && !port.shared ? [own, 'unknown'] : [own];
}

/** What the port may send from. */
function allowedSources(port: WantedPort): string[] {
  const pairs = port.allowedAddressPairs.filter(({ mac }) => mac === port.mac);
  return [
    [port.mac, ...new Set([...ownAddresses(port), ...pairs.map(({ address }) => address)])].join(' '),
    ...[...otherMacs(port)].map(([mac, addresses]) => [mac, ...addresses].join(' ')),
  ];
}

function optionsOf(change: NorthboundChange, port: WantedPort): Record<string, string> {
  if (port.kind === 'router') {
    const gateway = port.deviceOwner === 'network:router_gateway';
    return {
      'router-port': routerPortName(port.id),
      // makes gateways announce the addresses they answer for when they move
      ...(gateway && { 'nat-addresses': 'router', 'exclude-lb-vips-from-garp': 'true' }),
    };
  }
  if (port.kind === 'service') {
    const mtu = change.row('Logical_Switch', port.networkId)?.external_ids[networkFacts.mtu];
    return mtu ? { mtu } : {};
  }
  if (port.shared)
    return { 'virtual-ip': port.shared.address, 'virtual-parents': port.shared.holders.join(',') };
  return port.host ? { 'requested-chassis': port.host } : {};
}
