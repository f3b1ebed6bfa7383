import type { WantedRouter } from '#drivers/net/driver.ts';
import { fromJson } from '#kit/db/columns.ts';

import { cidrOf } from '../addressing/ip.ts';
import { floatingIpsOfRouter } from '../floatingips/store.ts';
import { owners } from '../ports/owners.ts';
import { type PortRow, portsWith } from '../ports/store.ts';
import { type RouterRow, routersById } from '../routers/store.ts';
import { poolsById } from '../subnetpools/store.ts';
import { subnetsById } from '../subnets/store.ts';
import type { Route } from '../subnets/values.ts';
import type { Db, FloatingIpTable, SubnetTable } from '../tables.ts';

/** All that is needed to say what some routers are to be. */
interface Surroundings {
  readonly ports: readonly PortRow[];
  readonly subnets: ReadonlyMap<string, SubnetTable>;
  readonly floatingIps: readonly FloatingIpTable[];
  /** Address scopes by subnet pool. */
  readonly scopes: ReadonlyMap<string, string | null>;
}

/** What the database wants of routers, with their interfaces, gateways and floating ips. */
export async function wantedRouters(db: Db, ids: readonly string[]): Promise<Map<string, WantedRouter>> {
  const routers = await routersById(db, ids);
  const ports = await portsWith(db, {
    device_id: ids,
    device_owner: [owners.routerInterface, owners.routerGateway],
  });
  const subnetIds = new Set(ports.flatMap((port) => port.addresses.map((ip) => ip.subnet_id)));
  const subnets = new Map((await subnetsById(db, [...subnetIds])).map((subnet) => [subnet.id, subnet]));
  const poolIds = new Set([...subnets.values()].flatMap((subnet) => subnet.subnetpool_id ?? []));
  const scopes = new Map((await poolsById(db, [...poolIds])).map((pool) => [pool.id, pool.address_scope_id]));
  const around = { ports, subnets, scopes, floatingIps: await floatingIpsOfRouter(db, ids) };
  return new Map(routers.map((router) => [router.id, wantedRouter(router, around)]));
}

function wantedRouter(router: RouterRow, around: Surroundings): WantedRouter {
  const { ports, subnets, floatingIps } = around;
  const own = ports.filter((port) => port.device_id === router.id);
  const interfaces = own.filter((port) => port.device_owner === owners.routerInterface);
  const gateway = own.find((port) => port.device_owner === owners.routerGateway);
  return {
    id: router.id,
    name: router.name,
    adminStateUp: router.admin_state_up === 1,
    interfaces: interfaces.map((port) => wantedInterface(port, subnets)),
    gateway: gateway ? wantedGateway(router, gateway, interfaces, around) : null,
    routes: fromJson<Route[]>(router.routes),
    floatingIps: floatingIps.filter((ip) => ip.router_id === router.id).flatMap(wantedFloatingIp),
  };
}

const wantedInterface = (port: PortRow, subnets: Surroundings['subnets']) => ({
  portId: port.id,
  networkId: port.network_id,
  mac: port.mac_address,
  cidrs: port.addresses.flatMap(({ ip_address: address, subnet_id: id }) => {
    const subnet = subnets.get(id);
    return subnet ? [`${address}/${cidrOf(subnet.cidr).prefix}`] : [];
  }),
});

function wantedGateway(
  router: RouterRow,
  port: PortRow,
  interfaces: readonly PortRow[],
  { subnets, scopes }: Surroundings,
): NonNullable<WantedRouter['gateway']> {
  const outside = port.addresses.flatMap((ip) => subnets.get(ip.subnet_id) ?? []);
  const inside = interfaces.flatMap((i) => i.addresses.flatMap((ip) => subnets.get(ip.subnet_id) ?? []));
  const snat = router.enable_snat === 1;
  const scopeOf = (subnet: SubnetTable | undefined) => scopes.get(subnet?.subnetpool_id ?? '') ?? null;
  const scopeOutside = scopeOf(outside.find((subnet) => subnet.ip_version === 4));
  // addresses of one scope are known on both sides and stay as they are
  const translated = (subnet: SubnetTable) => scopeOutside === null || scopeOf(subnet) !== scopeOutside;
  return {
    ...wantedInterface(port, subnets),
    nexthops: outside.flatMap((subnet) => subnet.gateway_ip ?? []),
    snat,
    snatAddress: snat
      ? (port.addresses.find((ip) => !ip.ip_address.includes(':'))?.ip_address ?? null)
      : null,
    snatCidrs: inside
      .filter((subnet) => subnet.ip_version === 4 && translated(subnet))
      .map((subnet) => subnet.cidr),
  };
}

const wantedFloatingIp = (ip: FloatingIpTable): WantedRouter['floatingIps'][number][] =>
  ip.fixed_port_id === null || ip.fixed_ip_address === null
    ? []
    : [
        {
          id: ip.id,
          floatingAddress: ip.floating_ip_address,
          fixedAddress: ip.fixed_ip_address,
          portId: ip.fixed_port_id,
        },
      ];
