import { attributes, identity } from '../resource/attribute.ts';
import { anything, integer, text } from '../resource/values.ts';

/** neutron_lib/api/definitions/network_ip_availability.py */
export const ipAvailabilityAttributes = attributes({
  network_id: { type: text(36), filter: true, sort: true },
  network_name: { type: text(255), filter: true },
  project_id: identity.project_id,
  tenant_id: identity.tenant_id,
  ip_version: { type: integer, hidden: true, filter: true },
  total_ips: { type: anything },
  used_ips: { type: anything },
  subnet_ip_availability: { type: anything },
});
