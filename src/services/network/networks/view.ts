import { isoSeconds } from '#kit/clock/clock.ts';
import { fromJson } from '#kit/db/columns.ts';

import type { NetworkRow } from './store.ts';

/** A network as the API shows it. */
export const viewNetwork = (network: NetworkRow) => ({
  id: network.id,
  name: network.name,
  tenant_id: network.project_id,
  project_id: network.project_id,
  admin_state_up: network.admin_state_up === 1,
  mtu: network.mtu,
  status: network.status,
  subnets: network.subnets.map((subnet) => subnet.id),
  shared: network.shared === 1,
  availability_zone_hints: fromJson<string[]>(network.availability_zone_hints),
  availability_zones: [],
  ipv4_address_scope: scopeOf(network, 4),
  ipv6_address_scope: scopeOf(network, 6),
  'router:external': network.external === 1,
  // only external networks can be the default one
  ...(network.external === 1 && { is_default: network.is_default === 1 }),
  port_security_enabled: network.port_security_enabled === 1,
  dns_domain: network.dns_domain,
  'provider:network_type': network.network_type,
  'provider:physical_network': network.physical_network || null,
  'provider:segmentation_id': network.segmentation_id || null,
  description: network.description,
  tags: network.tags,
  created_at: isoSeconds(network.created_at),
  updated_at: isoSeconds(network.updated_at),
  revision_number: network.revision_number,
});

const scopeOf = (network: NetworkRow, version: number): string | null =>
  network.subnets.find((s) => s.ip_version === version && s.address_scope_id !== null)?.address_scope_id ??
  null;
