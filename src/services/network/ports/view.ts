import { isoSeconds } from '#kit/clock/clock.ts';
import { fromJson } from '#kit/db/columns.ts';

import type { NetworkSettings } from '../options.ts';
import { fullName } from './dns.ts';
import { isRouterPort, owners } from './owners.ts';
import type { PortRow } from './store.ts';
import type { AddressPair, DhcpOption } from './values.ts';

/** A port as the API shows it to an administrator; policy hides the binding and more from others. */
export function viewPort(port: PortRow, settings: NetworkSettings) {
  const type = vifType(port);
  const createdAt = isoSeconds(port.created_at);
  return {
    id: port.id,
    name: port.name,
    network_id: port.network_id,
    tenant_id: port.project_id,
    project_id: port.project_id,
    mac_address: port.mac_address,
    admin_state_up: port.admin_state_up === 1,
    status: port.status,
    device_id: port.device_id,
    device_owner: port.device_owner,
    fixed_ips: port.addresses,
    allowed_address_pairs: fromJson<AddressPair[]>(port.allowed_address_pairs).map((pair) => ({
      mac_address: port.mac_address,
      ...pair,
    })),
    extra_dhcp_opts: fromJson<DhcpOption[]>(port.extra_dhcp_opts),
    security_groups: port.securityGroups,
    port_security_enabled: port.port_security_enabled === 1,
    'binding:vnic_type': port.binding_vnic_type,
    'binding:host_id': port.binding_host_id,
    'binding:profile': fromJson<object>(port.binding_profile),
    'binding:vif_type': type,
    'binding:vif_details': vifDetails(type),
    dns_name: port.dns_name,
    dns_domain: port.dns_domain,
    dns_assignment: dnsAssignment(port, settings.dns_domain),
    ip_allocation: port.ip_allocation,
    description: port.description,
    tags: port.tags,
    created_at: createdAt,
    updated_at: port.updated_at === port.created_at ? createdAt : isoSeconds(port.updated_at),
    revision_number: port.revision_number,
  };
}

/**
 * How a guest is wired, as ML2/OVN tells Nova: `ovs` where a host is known, `unbound` otherwise and for routers'
 * ports.
 */
export function vifType(port: Pick<PortRow, 'device_owner' | 'binding_host_id'>): string {
  if (isRouterPort(port.device_owner) || port.device_owner === owners.service) return 'unbound';
  return port.binding_host_id === '' ? 'unbound' : 'ovs';
}

const vifDetails = (type: string): object =>
  type === 'ovs'
    ? { port_filter: true, connectivity: 'l2', bridge_name: 'br-int', bound_drivers: { '0': 'ovn' } }
    : {};

function dnsAssignment(port: PortRow, domain: string) {
  return port.addresses.map(({ ip_address: address }) => {
    const hostname = port.dns_name || `host-${address.replaceAll(/[.:]/g, '-')}`;
    return { ip_address: address, hostname, fqdn: fullName(hostname, domain) };
  });
}
