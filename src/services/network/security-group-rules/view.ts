import { isoSeconds } from '#kit/clock/clock.ts';

import { cidrOf, formatCidr } from '../addressing/ip.ts';
import type { RuleRow } from './store.ts';

/** A rule as the API shows it, alone and within its group. */
export const viewRule = (rule: RuleRow) => ({
  id: rule.id,
  tenant_id: rule.project_id,
  project_id: rule.project_id,
  security_group_id: rule.security_group_id,
  ethertype: rule.ethertype,
  direction: rule.direction,
  protocol: rule.protocol,
  port_range_min: rule.port_range_min,
  port_range_max: rule.port_range_max,
  remote_ip_prefix: rule.remote_ip_prefix,
  remote_address_group_id: rule.remote_address_group_id,
  normalized_cidr: rule.remote_ip_prefix === null ? null : formatCidr(cidrOf(rule.remote_ip_prefix)),
  remote_group_id: rule.remote_group_id,
  belongs_to_default_sg: rule.belongs_to_default_sg === 1,
  description: rule.description,
  created_at: isoSeconds(rule.created_at),
  updated_at: isoSeconds(rule.updated_at),
  revision_number: rule.revision_number,
});
