import type { Change, WantedNetwork, WantedPort, WantedSecurityGroup } from '#drivers/net/driver.ts';
import { fromJson } from '#kit/db/columns.ts';

import { addressGroupsById } from '../address-groups/store.ts';
import { cidrOf } from '../addressing/ip.ts';
import { dnsDomainsOf, networksById, type NetworkRow } from '../networks/store.ts';
import type { NetworkSettings } from '../options.ts';
import { portNames } from '../ports/dns.ts';
import { engineKind, owners } from '../ports/owners.ts';
import { type SharedAddress, sharedAddresses } from '../ports/shared-addresses.ts';
import { type PortRow, portsWith } from '../ports/store.ts';
import type { AddressPair, DhcpOption } from '../ports/values.ts';
import type { RuleRow } from '../security-group-rules/store.ts';
import { groupsById, type GroupRow } from '../security-groups/store.ts';
import { subnetsOfNetworks } from '../subnets/store.ts';
import type { Route } from '../subnets/values.ts';
import type { Db, SubnetTable } from '../tables.ts';
import type { EngineKind } from './kinds.ts';
import { wantedRouters } from './wanted-routers.ts';

/** What the database wants of the engine, resource by resource; null: nothing, it is to go. */
export async function wantedChanges(
  db: Db,
  settings: NetworkSettings,
  kind: EngineKind,
  ids: readonly string[],
): Promise<Change[]> {
  switch (kind) {
    case 'network': {
      const wanted = await wantedNetworks(db, ids);
      return ids.map((id) => ({ kind, id, wanted: wanted.get(id) ?? null }));
    }
    case 'port': {
      const wanted = await wantedPorts(db, settings, ids);
      return ids.map((id) => ({ kind, id, wanted: wanted.get(id) ?? null }));
    }
    case 'securityGroup': {
      const wanted = await wantedGroups(db, ids);
      return ids.map((id) => ({ kind, id, wanted: wanted.get(id) ?? null }));
    }
    case 'router': {
      const wanted = await wantedRouters(db, ids);
      return ids.map((id) => ({ kind, id, wanted: wanted.get(id) ?? null }));
    }
  }
}

async function wantedNetworks(db: Db, ids: readonly string[]): Promise<Map<string, WantedNetwork>> {
  const networks = await networksById(db, ids);
  const subnets = await subnetsOfNetworks(db, ids);
  const servicePorts = await portsWith(db, { network_id: ids, device_owner: [owners.service] });
  return new Map(
    networks.map((network) => [
      network.id,
      wantedNetwork(
        network,
        subnets.filter((subnet) => subnet.network_id === network.id),
        servicePorts.find((port) => port.network_id === network.id),
      ),
    ]),
  );
}

const wantedNetwork = (
  network: NetworkRow,
  subnets: readonly SubnetTable[],
  servicePort: PortRow | undefined,
): WantedNetwork => ({
  id: network.id,
  name: network.name,
  mtu: network.mtu,
  type: network.network_type as WantedNetwork['type'],
  physicalNetwork: network.physical_network || null,
  segmentationId: network.segmentation_id || null,
  external: network.external === 1,
  adminStateUp: network.admin_state_up === 1,
  subnets: subnets.map((subnet) => ({
    id: subnet.id,
    version: subnet.ip_version as 4 | 6,
    cidr: subnet.cidr,
    gateway: subnet.gateway_ip,
    dhcp: subnet.enable_dhcp === 1,
    dnsServers: fromJson<string[]>(subnet.dns_nameservers),
    routes: fromJson<Route[]>(subnet.host_routes),
    ipv6AddressMode: subnet.ipv6_address_mode as WantedNetwork['subnets'][number]['ipv6AddressMode'],
    ipv6RaMode: subnet.ipv6_ra_mode as WantedNetwork['subnets'][number]['ipv6RaMode'],
  })),
  servicePort: servicePort
    ? {
        id: servicePort.id,
        mac: servicePort.mac_address,
        addresses: servicePort.addresses.map((ip) => ip.ip_address),
      }
    : null,
});

async function wantedPorts(
  db: Db,
  settings: NetworkSettings,
  ids: readonly string[],
): Promise<Map<string, WantedPort>> {
  const ports = await portsWith(db, { id: ids });
  const named = ports.filter((port) => port.dns_name !== '');
  const domains = await dnsDomainsOf(db, [...new Set(named.map((port) => port.network_id))]);
  const plain = ports.filter((port) => engineKind(port.device_owner) === 'plain');
  const shared = await sharedAddresses(db, plain);
  return new Map(
    ports.flatMap((port) => {
      const kind = engineKind(port.device_owner);
      if (!kind) return [];
      const inNetwork = domains.get(port.network_id) ?? '';
      const names = portNames(port.dns_name, port.dns_domain, inNetwork, settings.dns_domain);
      return [[port.id, wantedPort(port, kind, names, shared.get(port.id) ?? null)]];
    }),
  );
}

const wantedPort = (
  port: PortRow,
  kind: WantedPort['kind'],
  names: readonly string[],
  shared: SharedAddress | null,
): WantedPort => ({
  id: port.id,
  name: port.name,
  networkId: port.network_id,
  mac: port.mac_address,
  addresses: port.addresses.map((ip) => ({ subnetId: ip.subnet_id, address: ip.ip_address })),
  adminStateUp: port.admin_state_up === 1,
  deviceId: port.device_id,
  deviceOwner: port.device_owner,
  host: port.binding_host_id,
  portSecurity: port.port_security_enabled === 1,
  securityGroups: port.securityGroups,
  allowedAddressPairs: fromJson<AddressPair[]>(port.allowed_address_pairs).map((pair) => ({
    mac: pair.mac_address ?? port.mac_address,
    address: pair.ip_address,
  })),
  dhcpOptions: fromJson<DhcpOption[]>(port.extra_dhcp_opts).map((option) => ({
    name: option.opt_name,
    value: option.opt_value,
    version: option.ip_version,
  })),
  names,
  shared,
  kind,
});

async function wantedGroups(db: Db, ids: readonly string[]): Promise<Map<string, WantedSecurityGroup>> {
  const groups = await groupsById(db, ids);
  const named = groups.flatMap((group) => group.rules.flatMap((rule) => rule.remote_address_group_id ?? []));
  const rows = await addressGroupsById(db, [...new Set(named)]);
  const addresses = new Map(rows.map((row) => [row.id, fromJson<string[]>(row.addresses)]));
  return new Map(groups.map((group) => [group.id, wantedGroup(group, addresses)]));
}

/** Addresses by address group. */
type AddressGroups = ReadonlyMap<string, readonly string[]>;

const wantedGroup = (group: GroupRow, addresses: AddressGroups): WantedSecurityGroup => ({
  id: group.id,
  stateful: group.stateful === 1,
  rules: group.rules.flatMap((rule) => wantedRules(rule, addresses)),
});

/** A rule about an address group is one for each of its addresses of the rule's IP version. */
function wantedRules(rule: RuleRow, addresses: AddressGroups): WantedSecurityGroup['rules'][number][] {
  const wanted = wantedRule(rule);
  if (rule.remote_address_group_id === null) return [wanted];
  return (addresses.get(rule.remote_address_group_id) ?? [])
    .filter((cidr) => cidrOf(cidr).version === wanted.version)
    .map((remoteCidr) => ({ ...wanted, id: `${rule.id} ${remoteCidr}`, remoteCidr }));
}

const wantedRule = (rule: RuleRow): WantedSecurityGroup['rules'][number] => ({
  id: rule.id,
  direction: rule.direction as 'ingress' | 'egress',
  version: rule.ethertype === 'IPv4' ? 4 : 6,
  protocol: rule.protocol,
  min: rule.port_range_min,
  max: rule.port_range_max,
  remoteCidr: rule.remote_ip_prefix,
  remoteGroup: rule.remote_group_id,
});
