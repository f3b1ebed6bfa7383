import { isoSeconds } from '#kit/clock/clock.ts';

import type { FloatingIpRow } from './store.ts';

/** A floating ip as the API shows it. */
export const viewFloatingIp = (ip: FloatingIpRow) => ({
  id: ip.id,
  tenant_id: ip.project_id,
  project_id: ip.project_id,
  floating_ip_address: ip.floating_ip_address,
  floating_network_id: ip.floating_network_id,
  router_id: ip.router_id,
  port_id: ip.fixed_port_id,
  fixed_ip_address: ip.fixed_ip_address,
  status: ip.router_id === null ? 'DOWN' : 'ACTIVE',
  port_details: ip.port && { ...ip.port, admin_state_up: ip.port.admin_state_up === 1 },
  dns_name: ip.dns_name,
  dns_domain: ip.dns_domain,
  description: ip.description,
  tags: ip.tags,
  created_at: isoSeconds(ip.created_at),
  updated_at: isoSeconds(ip.updated_at),
  revision_number: ip.revision_number,
});
