import { isoSeconds } from '#kit/clock/clock.ts';
import { fromJson } from '#kit/db/columns.ts';

import type { SubnetPoolRow } from './store.ts';

/** A subnet pool as the API shows it; Neutron writes the lengths as text. */
export const viewSubnetPool = (pool: SubnetPoolRow) => ({
  id: pool.id,
  name: pool.name,
  tenant_id: pool.project_id,
  project_id: pool.project_id,
  default_prefixlen: String(pool.default_prefixlen),
  min_prefixlen: String(pool.min_prefixlen),
  max_prefixlen: String(pool.max_prefixlen),
  is_default: pool.is_default === 1,
  shared: pool.shared === 1,
  prefixes: fromJson<string[]>(pool.prefixes),
  ip_version: pool.ip_version,
  default_quota: pool.default_quota,
  address_scope_id: pool.address_scope_id,
  description: pool.description,
  tags: pool.tags,
  created_at: isoSeconds(pool.created_at),
  updated_at: isoSeconds(pool.updated_at),
  revision_number: pool.revision_number,
});
