import ipaddr from 'ipaddr.js';

import type { WantedRouter } from '../driver.ts';
import { raMode } from './dhcp.ts';
import { putFloatingIps } from './floating-ips.ts';
import { gatewayGroupUuid, putGatewayGroup } from './gateways.ts';
import type { ChassisList, Hypervisors } from './hypervisors.ts';
import { derivedUuid, gatewayPortUuid, owned, routerName, routerPortName, routerPortUuid } from './names.ts';
import { networkFacts } from './networks.ts';
import type { NorthboundChange, NorthboundRow } from './northbound.ts';

type Gateway = NonNullable<WantedRouter['gateway']>;
type Interface = WantedRouter['interfaces'][number];

/** A router is a logical router; its ports, routes and translations are rows of their own that go when it lets them go. */
export function putRouter(change: NorthboundChange, wanted: WantedRouter, hypervisors: Hypervisors): void {
  const router = withAddresses(wanted);
  const { id, gateway } = router;
  const ports = router.interfaces.map((port) => putInterface(change, router, port));
  if (gateway) ports.push(putGateway(change, router, gateway, hypervisors.living));
  else if (change.row('HA_Chassis_Group', gatewayGroupUuid(id))) removeGateway(change, id);
  change.put('Logical_Router', id, {
    name: routerName(id),
    enabled: router.adminStateUp,
    ports,
    static_routes: putRoutes(change, router),
    nat: [...putSnat(change, router), ...putFloatingIps(change, router, hypervisors)],
    // neighbours are learnt when they are asked for, not from whoever asks
    options: { always_learn_from_arp_request: 'false', dynamic_neigh_routers: 'true' },
    external_ids: { [owned.router]: id, 'neutron:router_name': router.name },
  });
}

/** The rows a router refers to go with it, only its gateway's are deleted by name. Tolerates absence. */
export function removeRouter(change: NorthboundChange, id: string): void {
  change.delete('Logical_Router', id);
  removeGateway(change, id);
}

/** A group cannot go while a port refers to it, not even one that goes for want of references itself. */
function removeGateway(change: NorthboundChange, routerId: string): void {
  change.delete('Logical_Router_Port', gatewayPortUuid(routerId));
  change.delete('HA_Chassis_Group', gatewayGroupUuid(routerId));
}

/** A router port without an address has nothing to route, and no row can hold it. */
const withAddresses = (router: WantedRouter): WantedRouter => ({
  ...router,
  interfaces: router.interfaces.filter(({ cidrs }) => cidrs.length > 0),
  gateway: router.gateway && router.gateway.cidrs.length > 0 ? router.gateway : null,
});

function putInterface(change: NorthboundChange, router: WantedRouter, port: Interface): string {
  const uuid = routerPortUuid(port.portId);
  const network = change.row('Logical_Switch', port.networkId);
  const mode = raMode(change, port.networkId);
  const mtu = network?.external_ids[networkFacts.mtu];
  change.put('Logical_Router_Port', uuid, {
    name: routerPortName(port.portId),
    mac: port.mac,
    networks: port.cidrs,
    ha_chassis_group: null,
    ipv6_ra_configs: mode ? { address_mode: mode, send_periodic: 'true', ...(mtu && { mtu }) } : {},
    // a network on the wire is routed in one place, where its gateway is
    options: isPhysical(network) && router.gateway ? { 'reside-on-redirect-chassis': 'true' } : {},
    external_ids: { [owned.router]: router.id, [owned.port]: port.portId },
  });
  return uuid;
}

function putGateway(
  change: NorthboundChange,
  router: WantedRouter,
  gateway: Gateway,
  chassis: ChassisList,
): string {
  const uuid = gatewayPortUuid(router.id);
  const network = change.row('Logical_Switch', gateway.networkId);
  const physical = network?.external_ids[networkFacts.physicalNetwork];
  const mtu = smallestMtu(change, [gateway, ...router.interfaces]);
  change.put('Logical_Router_Port', uuid, {
    name: routerPortName(gateway.portId),
    mac: gateway.mac,
    networks: gateway.cidrs,
    ha_chassis_group: putGatewayGroup(change, router.id, physical, chassis),
    ipv6_ra_configs: {},
    options: mtu === undefined ? {} : { gateway_mtu: String(mtu) },
    external_ids: { [owned.router]: router.id, [owned.port]: gateway.portId },
  });
  return uuid;
}

const isPhysical = (network: NorthboundRow<'Logical_Switch'> | undefined): boolean =>
  network?.external_ids[networkFacts.physicalNetwork] !== undefined;

/** What fits through every network of a router: larger packets from outside are answered with "too big". */
function smallestMtu(
  change: NorthboundChange,
  ports: readonly { readonly networkId: string }[],
): number | undefined {
  const mtus = ports
    .map(({ networkId }) => change.row('Logical_Switch', networkId)?.external_ids[networkFacts.mtu])
    .filter((mtu) => mtu !== undefined);
  return mtus.length === 0 ? undefined : Math.min(...mtus.map(Number));
}

function putRoutes(change: NorthboundChange, router: WantedRouter): string[] {
  const output = router.gateway && routerPortName(router.gateway.portId);
  const routes = [
    ...(router.gateway?.nexthops ?? []).map((nexthop) => ({
      destination: nexthop.includes(':') ? '::/0' : '0.0.0.0/0',
      nexthop,
      output,
    })),
    ...router.routes.map((route) => ({ ...route, output: null })),
  ];
  const byUuid = new Map(
    routes.map((route) => [derivedUuid('route', router.id, route.destination, route.nexthop), route]),
  );
  for (const [uuid, { destination, nexthop, output }] of byUuid)
    change.put('Logical_Router_Static_Route', uuid, {
      ip_prefix: destination,
      nexthop,
      output_port: output,
      external_ids: { [owned.router]: router.id },
    });
  return [...byUuid.keys()];
}

function putSnat(change: NorthboundChange, { id, gateway }: WantedRouter): string[] {
  if (!gateway?.snat || !gateway.snatAddress) return [];
  const { snatAddress } = gateway;
  const cidrs = gateway.snatCidrs.filter((cidr) => ipaddr.parseCIDR(cidr)[0].kind() === 'ipv4');
  return [...new Set(cidrs)].map((cidr) => {
    const uuid = derivedUuid('snat', id, cidr);
    change.put('NAT', uuid, {
      type: 'snat',
      external_ip: snatAddress,
      logical_ip: cidr,
      logical_port: null,
      external_mac: null,
      external_ids: { [owned.router]: id },
    });
    return uuid;
  });
}
