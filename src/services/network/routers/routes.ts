import { fromJson, toJson } from '#kit/db/columns.ts';

import { owners } from '../ports/owners.ts';
import { portsWith } from '../ports/store.ts';
import { requireQuota } from '../quotas/store.ts';
import { subnetsById } from '../subnets/store.ts';
import type { Route } from '../subnets/values.ts';
import type { Work } from '../work.ts';
import { invalidRoutes } from './errors.ts';
import { type RouterRow, updateRouterRow } from './store.ts';
import { connectedSubnets, isWithin, type Subnet } from './topology.ts';

/**
 * Gives a router exactly these extra routes, following neutron/db/extraroute_db.py. Throws `invalidRoutes` when one
 * leads to no neighbour of the router, `overQuota` when they are more than `router_route` allows.
 */
export async function setRoutes(work: Work, router: RouterRow, routes: readonly Route[]): Promise<void> {
  await requireQuota(work.db, work.settings.quotas, 'router_route', router.project_id, routes.length);
  await checkRoutes(work, router.id, routes);
  await updateRouterRow(work.db, router.id, { routes: toJson(routes) });
}

/**
 * Throws `invalidRoutes` when a router that leads out otherwise than before has a route without its neighbour. One
 * that is connected to nothing any more may keep its routes, as in Neutron.
 */
export async function requireRoutesKept(work: Work, router: RouterRow): Promise<void> {
  const routes = fromJson<Route[]>(router.routes);
  if (routes.length === 0) return;
  const subnets = await connectedSubnets(work, router.id);
  if (subnets.length > 0) requireConnected(routes, subnets);
}

function requireConnected(routes: readonly Route[], subnets: readonly Pick<Subnet, 'cidr'>[]): void {
  if (routes.some(({ nexthop }) => !subnets.some((subnet) => isWithin(nexthop, subnet.cidr))))
    throw invalidRoutes(routes, 'the nexthop is not connected with router');
}

async function checkRoutes(work: Work, routerId: string, routes: readonly Route[]): Promise<void> {
  if (routes.length === 0) return;
  const ports = await portsWith(work.db, {
    device_id: [routerId],
    device_owner: [owners.routerInterface, owners.routerGateway],
  });
  const own = new Set(ports.flatMap((port) => port.addresses.map((ip) => ip.ip_address)));
  const subnets = await subnetsById(work.db, [
    ...new Set(ports.flatMap((port) => port.addresses.map((ip) => ip.subnet_id))),
  ]);
  requireConnected(routes, subnets);
  if (routes.some(({ nexthop }) => own.has(nexthop)))
    throw invalidRoutes(routes, 'the nexthop is used by router');
}

const same = (a: Route, b: Route): boolean => a.destination === b.destination && a.nexthop === b.nexthop;

/** The router's routes and these, each once. */
export function withRoutes(router: RouterRow, added: readonly Route[]): Route[] {
  const routes = fromJson<Route[]>(router.routes);
  for (const route of added) if (!routes.some((r) => same(r, route))) routes.push(route);
  return routes;
}

/** The router's routes without these; those it has not are no matter. */
export const withoutRoutes = (router: RouterRow, removed: readonly Route[]): Route[] =>
  fromJson<Route[]>(router.routes).filter((route) => !removed.some((r) => same(r, route)));
