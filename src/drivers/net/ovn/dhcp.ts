import ipaddr from 'ipaddr.js';

import type { TextMap } from '#protocols/ovsdb/columns.ts';

import type { WantedNetwork, WantedPort, WantedSubnet } from '../driver.ts';
import { optionNames, quotedOptions } from './dhcp-options.ts';
import { derivedMac, owned, portDhcpUuid, subnetDhcpUuid } from './names.ts';
import type { NorthboundChange, NorthboundRow } from './northbound.ts';

const metadataCidr = '169.254.169.254/32';
const leaseSeconds = '43200';
const raModeKey = 'stratalith:ipv6_ra_mode';
/** Holds what a port overrides, so that the row can be made anew when its subnet changes. */
const overridesKey = 'stratalith:overrides';

/**
 * One row per subnet. A subnet that serves no DHCP has one too, without options: ports then refer to the same row
 * whether DHCP is on or off, and switching it changes one row.
 */
export function putSubnet(change: NorthboundChange, network: WantedNetwork, subnet: WantedSubnet): void {
  const options = subnet.version === 4 ? optionsV4(network, subnet) : optionsV6(network, subnet);
  change.put('DHCP_Options', subnetDhcpUuid(subnet.id), {
    cidr: subnet.cidr,
    options,
    external_ids: {
      [owned.network]: network.id,
      [owned.subnet]: subnet.id,
      ...(subnet.ipv6RaMode && { [raModeKey]: subnet.ipv6RaMode }),
    },
  });
  for (const row of change.rows('DHCP_Options'))
    if (row.external_ids[owned.port] && row.external_ids[owned.subnet] === subnet.id)
      change.put('DHCP_Options', row._uuid, {
        cidr: subnet.cidr,
        options: overridden(options, JSON.parse(row.external_ids[overridesKey]!) as TextMap),
      });
}

/** Removes the rows of subnets the network no longer has, with what ports override of them. */
export function dropOtherSubnets(change: NorthboundChange, network: WantedNetwork): void {
  const kept = new Set(network.subnets.map((subnet) => subnet.id));
  for (const row of change.rows('DHCP_Options')) {
    const { [owned.network]: networkId, [owned.subnet]: subnetId } = row.external_ids;
    if (networkId === network.id && !kept.has(subnetId!)) change.delete('DHCP_Options', row._uuid);
  }
}

/** How routers announce the IPv6 subnets of a network; undefined when they shall not. */
export function raMode(change: NorthboundChange, networkId: string): string | undefined {
  for (const row of change.rows('DHCP_Options')) {
    const mode = row.external_ids[owned.network] === networkId ? row.external_ids[raModeKey] : undefined;
    if (mode) return mode.replaceAll('-', '_');
  }
  return undefined;
}

/** Gives a port its DHCP options of one IP version and answers their row; null when DHCP is off for the port. */
export function putPortDhcp(change: NorthboundChange, port: WantedPort, version: 4 | 6): string | null {
  const own = portDhcpUuid(port.id, version);
  const wanted = port.dhcpOptions.filter((option) => option.version === version);
  const disabled = wanted.some(
    ({ name, value }) => name === 'dhcp_disabled' && value?.toLowerCase() === 'true',
  );
  const subnet = disabled ? undefined : subnetOf(change, port, version);
  const overrides = overridesOf(wanted, version);
  if (!subnet || Object.keys(overrides).length === 0) {
    if (change.row('DHCP_Options', own)) change.delete('DHCP_Options', own);
    return subnet?._uuid ?? null;
  }
  change.put('DHCP_Options', own, {
    cidr: subnet.cidr,
    options: overridden(subnet.options, overrides),
    external_ids: {
      [owned.network]: port.networkId,
      [owned.subnet]: subnet.external_ids[owned.subnet]!,
      [owned.port]: port.id,
      [overridesKey]: JSON.stringify(overrides),
    },
  });
  return own;
}

/**
 * The row of the port's first subnet of this version; of several IPv6 ones the one that gives out addresses. How an IPv6
 * subnet gives them out never changes, so those that serve nothing are left out.
 */
function subnetOf(
  change: NorthboundChange,
  port: WantedPort,
  version: 4 | 6,
): NorthboundRow<'DHCP_Options'> | undefined {
  const rows = port.addresses
    .filter(({ address }) => (address.includes(':') ? 6 : 4) === version)
    .map(({ subnetId }) => change.row('DHCP_Options', subnetDhcpUuid(subnetId)))
    .filter((row) => row !== undefined)
    .filter(({ options }) => version === 4 || options.server_id !== undefined);
  const givesAddresses = rows.find(({ options }) => !options.dhcpv6_stateless && options.server_id);
  return givesAddresses ?? rows[0];
}

/** A subnet without DHCP stays without, whatever ports override. Routes are added to the subnet's. */
function overridden(subnet: TextMap, overrides: TextMap): TextMap {
  if (Object.keys(subnet).length === 0) return {};
  const { classless_static_route: inherited } = subnet;
  const { classless_static_route: own } = overrides;
  const routes = inherited && own && { classless_static_route: `{${bare(inherited)}, ${bare(own)}}` };
  return { ...subnet, ...overrides, ...routes };
}

const bare = (braced: string): string => braced.slice(1, -1);

function overridesOf(wanted: WantedPort['dhcpOptions'], version: 4 | 6): TextMap {
  const overrides: Record<string, string> = {};
  for (const { name, value } of wanted) {
    const option = optionNames[version][name];
    const written = option && value ? inGrammar(option, value) : undefined;
    if (written !== undefined) overrides[option!] = written;
  }
  return overrides;
}

/**
 * The value in the grammar of OVN's flows, where it ends up as it is: text in quotes, lists in braces. What could mean
 * anything but a value there is left out.
 */
function inGrammar(option: string, value: string): string | undefined {
  if (quotedOptions.has(option)) return JSON.stringify(value.replaceAll(/^"|"$/g, ''));
  const plain = value.replaceAll(/^\{|\}$/g, '');
  if (!/^[\w.:/, -]+$/.test(plain)) return undefined;
  return option === 'classless_static_route' || plain.includes(',') ? `{${plain}}` : plain;
}

/** The address of the network's service port within a subnet. */
function serviceAddress(network: WantedNetwork, subnet: WantedSubnet): string | undefined {
  const range = ipaddr.parseCIDR(subnet.cidr);
  return network.servicePort?.addresses.find((text) => {
    const address = ipaddr.parse(text);
    return address.kind() === range[0].kind() && address.match(range);
  });
}

const list = (values: readonly string[]): string => `{${values.join(', ')}}`;

const serverMac = (network: WantedNetwork): string =>
  network.servicePort?.mac ?? derivedMac('dhcp server', network.id);

function optionsV4(network: WantedNetwork, subnet: WantedSubnet): TextMap {
  const metadata = serviceAddress(network, subnet);
  const server = subnet.gateway ?? metadata;
  if (!subnet.dhcp || !server) return {};
  const routes = [
    ...(metadata ? [`${metadataCidr},${metadata}`] : []),
    ...subnet.routes.map(({ destination, nexthop }) => `${destination},${nexthop}`),
  ];
  // clients that are given classless routes ignore the router option (RFC 3442)
  if (routes.length > 0 && subnet.gateway) routes.push(`0.0.0.0/0,${subnet.gateway}`);
  return {
    server_id: server,
    server_mac: serverMac(network),
    lease_time: leaseSeconds,
    mtu: String(network.mtu),
    ...(subnet.gateway && { router: subnet.gateway }),
    ...(subnet.dnsServers.length > 0 && { dns_server: list(subnet.dnsServers) }),
    ...(routes.length > 0 && { classless_static_route: list(routes) }),
  };
}

function optionsV6(network: WantedNetwork, subnet: WantedSubnet): TextMap {
  const mode = subnet.ipv6AddressMode;
  if (!subnet.dhcp || mode === null || mode === 'slaac') return {};
  return {
    server_id: serverMac(network),
    ...(subnet.dnsServers.length > 0 && { dns_server: list(subnet.dnsServers) }),
    ...(mode === 'dhcpv6-stateless' && { dhcpv6_stateless: 'true' }),
  };
}
