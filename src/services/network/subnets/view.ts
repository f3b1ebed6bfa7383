import { isoSeconds } from '#kit/clock/clock.ts';
import { fromJson } from '#kit/db/columns.ts';

import type { SubnetRow } from './store.ts';
import type { Pool, Route } from './values.ts';

/** A subnet as the API shows it. */
export const viewSubnet = (subnet: SubnetRow) => ({
  id: subnet.id,
  name: subnet.name,
  tenant_id: subnet.project_id,
  project_id: subnet.project_id,
  network_id: subnet.network_id,
  ip_version: subnet.ip_version,
  subnetpool_id: subnet.subnetpool_id,
  enable_dhcp: subnet.enable_dhcp === 1,
  ipv6_ra_mode: subnet.ipv6_ra_mode,
  ipv6_address_mode: subnet.ipv6_address_mode,
  gateway_ip: subnet.gateway_ip,
  cidr: subnet.cidr,
  allocation_pools: fromJson<Pool[]>(subnet.allocation_pools),
  host_routes: fromJson<Route[]>(subnet.host_routes),
  dns_nameservers: fromJson<string[]>(subnet.dns_nameservers),
  service_types: fromJson<string[]>(subnet.service_types),
  'router:external': subnet.network_external === 1,
  description: subnet.description,
  tags: subnet.tags,
  created_at: isoSeconds(subnet.created_at),
  updated_at: isoSeconds(subnet.updated_at),
  revision_number: subnet.revision_number,
});
