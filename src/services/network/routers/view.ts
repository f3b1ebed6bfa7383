import { isoSeconds } from '#kit/clock/clock.ts';
import { fromJson } from '#kit/db/columns.ts';

import type { Route } from '../subnets/values.ts';
import type { RouterRow } from './store.ts';

/** A router as the API shows it. */
export const viewRouter = (router: RouterRow) => ({
  id: router.id,
  name: router.name,
  tenant_id: router.project_id,
  project_id: router.project_id,
  admin_state_up: router.admin_state_up === 1,
  status: router.status,
  external_gateway_info: router.gateway && {
    network_id: router.gateway.networkId,
    external_fixed_ips: router.gateway.addresses,
    enable_snat: router.enable_snat === 1,
  },
  enable_snat: router.enable_snat === 1,
  routes: fromJson<Route[]>(router.routes),
  // every router of OVN moves to another gateway host when its own dies
  ha: true,
  availability_zones: fromJson<string[]>(router.availability_zone_hints),
  availability_zone_hints: fromJson<string[]>(router.availability_zone_hints),
  description: router.description,
  tags: router.tags,
  created_at: isoSeconds(router.created_at),
  updated_at: isoSeconds(router.updated_at),
  revision_number: router.revision_number,
});
