import type { FixedIp } from '../ports/values.ts';
import { fixedIps } from '../ports/values.ts';
import { attributes, identity, named, standard, tagged } from '../resource/attribute.ts';
import { anything, bool, listOf, nullable, shown, text, uuid, type ValueType } from '../resource/values.ts';
import { hostRoutes } from '../subnets/values.ts';

/** Where a router leads outside; null: nowhere. */
export interface GatewayInfo {
  readonly network_id: string;
  readonly external_fixed_ips?: readonly FixedIp[];
  readonly enable_snat?: boolean;
}

const gatewayKeys = ['network_id', 'external_fixed_ips', 'enable_snat'];

const gatewayInfo: ValueType<GatewayInfo | null> = {
  convert(value) {
    // nothing at all, however it is written, is no gateway
    if (!value || (typeof value === 'object' && Object.keys(value).length === 0)) return null;
    if (typeof value !== 'object') return value;
    const { enable_snat: snat, external_fixed_ips: ips, ...rest } = value as Record<string, unknown>;
    return {
      ...rest,
      ...(ips !== undefined && { external_fixed_ips: fixedIps.convert!(ips) }),
      ...(snat !== undefined && { enable_snat: bool.convert!(snat) }),
    };
  },
  problem(value) {
    if (value === null) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) return `'${shown(value)}' is not a dictionary`;
    const info = value as Record<string, unknown>;
    if (info.network_id === undefined) {
      return `Validation of dictionary's keys failed. Expected keys: {'network_id'} Provided keys: ${shown(Object.keys(info))}`;
    }
    const unexpected = Object.keys(info).filter((key) => !gatewayKeys.includes(key));
    if (unexpected.length > 0) return `Unexpected keys supplied: ${unexpected.join(', ')}`;
    return (
      uuid.problem!(info.network_id) ??
      (info.external_fixed_ips === undefined ? undefined : fixedIps.problem!(info.external_fixed_ips))
    );
  },
};

/**
 * neutron_lib/api/definitions/l3.py, the routers, and what extensions add to them. `routes` can be given to an update
 * only (extension `extraroute`).
 */
export const routerAttributes = attributes({
  ...identity,
  ...named,
  ...standard,
  ...tagged,
  admin_state_up: { type: bool, post: true, put: true, default: true, filter: true, sort: true },
  status: { type: text(16), sort: true },
  external_gateway_info: { type: gatewayInfo, post: true, put: true, default: null, guarded: true },
  enable_snat: { type: bool, filter: true, sort: true },
  routes: { type: hostRoutes, put: true },
  ha: { type: nullable(bool), post: true, put: true, optional: true, guarded: true },
  availability_zones: { type: anything },
  availability_zone_hints: { type: listOf(text(255)), post: true, default: [] },
});
