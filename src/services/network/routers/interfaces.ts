import { fromJson } from '#kit/db/columns.ts';

import { poolsOf } from '../addressing/allocate.ts';
import { addressOf } from '../addressing/ip.ts';
import { contains } from '../addressing/ip.ts';
import { badResource, portNotFound, subnetNotFound } from '../errors.ts';
import { floatingIpsOfRouter } from '../floatingips/store.ts';
import { createPort } from '../ports/create.ts';
import { deviceNotOwned, portInUse } from '../ports/errors.ts';
import { changeAddresses } from '../ports/fixed-ips.ts';
import { owners } from '../ports/owners.ts';
import { removePortRows } from '../ports/remove.ts';
import { findPort, type PortRow, updatePortRow } from '../ports/store.ts';
import { reserve } from '../quotas/store.ts';
import { namedTargets } from '../rbac-policies/store.ts';
import { uuid } from '../resource/values.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import { findSubnet, type SubnetRow } from '../subnets/store.ts';
import type { Route } from '../subnets/values.ts';
import type { Work } from '../work.ts';
import {
  interfaceInUseByFloatingIp,
  interfaceInUseByRoute,
  interfaceNotFound,
  interfaceNotFoundForSubnet,
  subnetMismatch,
} from './errors.ts';
import { interfacesOf, type RouterRow } from './store.ts';
import { isWithin, requireDistinctSubnets } from './topology.ts';

/** By what an interface is named: the port, or the subnet it is on. */
export interface InterfaceSpec {
  readonly port_id?: string;
  readonly subnet_id?: string;
}

/** The interface that was added or removed. */
export interface InterfaceInfo {
  readonly port: PortRow;
  /** The subnets it has, or had, addresses on. */
  readonly subnetIds: readonly string[];
}

/** Reads the body of an interface action; throws 400 for what names no interface. */
export function readInterface(body: unknown, adding: boolean): InterfaceSpec {
  const spec = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (!('port_id' in spec) && !('subnet_id' in spec))
    throw badResource('router', 'Either subnet_id or port_id must be specified');
  for (const key of ['port_id', 'subnet_id']) {
    const problem = key in spec ? uuid.problem!(spec[key]) : undefined;
    if (problem) throw badResource('router', problem);
  }
  if (adding && 'port_id' in spec && 'subnet_id' in spec)
    throw badResource('router', 'Cannot specify both subnet-id and port-id');
  return spec;
}

/**
 * Connects a router to a subnet, at its gateway address, or by a port, following `add_router_interface` of
 * neutron/db/l3_db.py. Throws `notFound` for what the viewer does not see, `portInUse`, and 400 (`BadRequest`) for
 * what a router cannot be connected to.
 */
export async function addInterface(
  work: Work,
  router: RouterRow,
  spec: InterfaceSpec,
  viewer: Viewer,
): Promise<InterfaceInfo> {
  const added =
    spec.port_id === undefined
      ? await addBySubnet(work, router, spec.subnet_id!, viewer)
      : await addByPort(work, router, spec.port_id, viewer);
  work.touch('port', added.port.id);
  work.touch('router', router.id);
  return added;
}

async function addByPort(
  work: Work,
  router: RouterRow,
  portId: string,
  viewer: Viewer,
): Promise<InterfaceInfo> {
  const port = await findPort(work.db, portId, viewer);
  if (!port) throw portNotFound(portId);
  if (port.device_id !== '') throw portInUse(port.id, port.network_id, port.device_id);
  if (port.addresses.length === 0) throw badResource('router', 'Router port must have at least one fixed IP');
  const subnets: SubnetRow[] = [];
  for (const { subnet_id: id } of port.addresses) subnets.push((await findSubnet(work.db, id, everything))!);
  for (const subnet of subnets) refuseForeignRouter(subnet);
  if (!viewer.admin && port.project_id !== router.project_id) throw deviceNotOwned(router.id);
  await requireDistinctSubnets(work, router.id, subnets, port.id);
  if (subnets.filter((subnet) => subnet.ip_version === 4).length > 1)
    throw badResource('router', 'Cannot have multiple IPv4 subnets on router port');
  requireFromPool(port, subnets, viewer);
  await updatePortRow(work.db, port.id, {
    device_id: router.id,
    device_owner: owners.routerInterface,
    port_security_enabled: 0,
    status: 'ACTIVE',
  });
  return { port, subnetIds: subnets.map((subnet) => subnet.id) };
}

/** Who is neither administrator nor owner of the subnet may only use addresses it gives out. */
function requireFromPool(port: PortRow, subnets: readonly SubnetRow[], viewer: Viewer): void {
  if (viewer.admin) return;
  for (const { subnet_id: id, ip_address: address } of port.addresses) {
    const subnet = subnets.find((s) => s.id === id)!;
    const given = poolsOf(subnet).some((pool) => contains(pool, addressOf(address).value));
    if (given || subnet.project_id === viewer.projectId) continue;
    throw badResource(
      'router',
      `Cannot add interface to router because specified port ${port.id} has an IP address out of the allocation pool of subnet ${id}, which is not owned by the project making the request`,
    );
  }
}

async function addBySubnet(
  work: Work,
  router: RouterRow,
  subnetId: string,
  viewer: Viewer,
): Promise<InterfaceInfo> {
  const subnet = await findSubnet(work.db, subnetId, viewer);
  if (!subnet) throw subnetNotFound(subnetId);
  if (subnet.gateway_ip === null)
    throw badResource('router', 'Subnet for router interface must have a gateway IP');
  await requireOwnOrGiven(work, subnet, viewer);
  refuseForeignRouter(subnet);
  await requireDistinctSubnets(work, router.id, [subnet]);
  const address = { subnet_id: subnet.id, ip_address: subnet.gateway_ip };
  const existing =
    subnet.ip_version === 6 ? await ipv6Interface(work, router.id, subnet.network_id) : undefined;
  if (existing) {
    await changeAddresses(
      work.db,
      {
        id: existing.id,
        networkId: existing.network_id,
        deviceOwner: existing.device_owner,
        mac: existing.mac_address,
      },
      existing.addresses,
      [...existing.addresses, address],
    );
    return { port: existing, subnetIds: [subnet.id] };
  }
  await reserve(work, 'port', router.project_id, 1);
  const id = await createPort(
    work,
    {
      networkId: subnet.network_id,
      projectId: router.project_id,
      deviceId: router.id,
      deviceOwner: owners.routerInterface,
      status: 'ACTIVE',
      fixedIps: [address],
    },
    everything,
  );
  return { port: (await findPort(work.db, id, everything))!, subnetIds: [subnet.id] };
}

/** A network shared with everyone keeps its gateway address; one shared with the project by name may lend it. */
async function requireOwnOrGiven(work: Work, subnet: SubnetRow, { admin, projectId }: Viewer): Promise<void> {
  if (admin || subnet.project_id === projectId) return;
  const given = await namedTargets(work.db, subnet.network_id, 'access_as_shared');
  if (projectId !== undefined && given.includes(projectId)) return;
  throw badResource(
    'router',
    `Cannot add interface to router because subnet ${subnet.id} is not owned by project making the request`,
  );
}

/** A subnet that hears router advertisements from elsewhere has its router already. */
function refuseForeignRouter(subnet: SubnetRow): void {
  if (subnet.ip_version === 6 && subnet.ipv6_ra_mode === null && subnet.ipv6_address_mode !== null) {
    throw badResource(
      'router',
      `IPv6 subnet ${subnet.id} configured to receive RAs from an external router cannot be added to Neutron Router.`,
    );
  }
}

/** A router's IPv6 port on a network takes the addresses of all its IPv6 subnets. */
async function ipv6Interface(work: Work, routerId: string, networkId: string): Promise<PortRow | undefined> {
  const ports = await interfacesOf(work.db, [routerId]);
  return ports.find(
    (port) => port.network_id === networkId && port.addresses.some((ip) => ip.ip_address.includes(':')),
  );
}

/**
 * Disconnects a router, following `remove_router_interface` of neutron/db/l3_db.py. Throws `notFound` when there is no
 * such interface, `conflict` while a floating ip or a route needs it.
 */
export async function removeInterface(
  work: Work,
  router: RouterRow,
  spec: InterfaceSpec,
  viewer: Viewer,
): Promise<InterfaceInfo> {
  const removed =
    spec.port_id === undefined
      ? await removeBySubnet(work, router, spec.subnet_id!, viewer)
      : await removeByPort(work, router, spec.port_id, spec.subnet_id);
  work.touch('router', router.id);
  return removed;
}

async function removeByPort(
  work: Work,
  router: RouterRow,
  portId: string,
  subnetId: string | undefined,
): Promise<InterfaceInfo> {
  const port = (await interfacesOf(work.db, [router.id])).find((p) => p.id === portId);
  if (!port) throw interfaceNotFound(router.id, portId);
  const subnetIds = port.addresses.map((ip) => ip.subnet_id);
  if (subnetId !== undefined && !subnetIds.includes(subnetId)) throw subnetMismatch(portId, subnetId);
  for (const id of subnetIds) await requireUnneeded(work, router, id);
  await removePortRows(work, [port]);
  return { port, subnetIds };
}

async function removeBySubnet(
  work: Work,
  router: RouterRow,
  subnetId: string,
  viewer: Viewer,
): Promise<InterfaceInfo> {
  if (!(await findSubnet(work.db, subnetId, viewer))) throw subnetNotFound(subnetId);
  const ports = await interfacesOf(work.db, [router.id]);
  const port = ports.find((p) => p.addresses.some((ip) => ip.subnet_id === subnetId));
  if (!port) throw interfaceNotFoundForSubnet(router.id, subnetId);
  await requireUnneeded(work, router, subnetId);
  const others = port.addresses.filter((ip) => ip.subnet_id !== subnetId);
  if (others.length === 0) await removePortRows(work, [port]);
  else {
    await changeAddresses(
      work.db,
      { id: port.id, networkId: port.network_id, deviceOwner: port.device_owner, mac: port.mac_address },
      port.addresses,
      others,
    );
    work.touch('port', port.id);
  }
  return { port, subnetIds: [subnetId] };
}

async function requireUnneeded(work: Work, router: RouterRow, subnetId: string): Promise<void> {
  const subnet = (await findSubnet(work.db, subnetId, everything))!;
  const floating = await floatingIpsOfRouter(work.db, [router.id]);
  if (floating.some((ip) => ip.fixed_ip_address !== null && isWithin(ip.fixed_ip_address, subnet.cidr)))
    throw interfaceInUseByFloatingIp(router.id, subnetId);
  const routes = fromJson<Route[]>(router.routes);
  if (routes.some((route) => isWithin(route.nexthop, subnet.cidr)))
    throw interfaceInUseByRoute(router.id, subnetId);
}
