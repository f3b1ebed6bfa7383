import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { badBody } from '../errors.ts';
import { ownTarget } from '../resource/access.ts';
import { creating, deleting, listing, loading, presenter, showing, updating } from '../resource/handlers.ts';
import { bump } from '../resource/revision.ts';
import { viewerOf } from '../resource/viewer.ts';
import type { Network } from '../service.ts';
import { hostRoutes, type Route } from '../subnets/values.ts';
import { routerNotFound } from './errors.ts';
import { addInterface, type InterfaceInfo, readInterface, removeInterface } from './interfaces.ts';
import { createRouter, removeRouter, updateRouter } from './lifecycle.ts';
import { routers } from './noun.ts';
import { setRoutes, withoutRoutes, withRoutes } from './routes.ts';
import { findRouter, type RouterRow } from './store.ts';

const endpoint = endpointOf<Network>();

/** https://docs.openstack.org/api-ref/network/v2/#routers-routers */
export const routerEndpoints = [
  endpoint({
    method: 'GET',
    path: '/routers',
    policy: null,
    status: 200,
    handler: listing(routers),
  }),
  endpoint({
    method: 'POST',
    path: '/routers',
    policy: 'create_router',
    target: ownTarget,
    body: 'json',
    status: 201,
    handler: creating(routers, createRouter),
  }),
  endpoint({
    method: 'GET',
    path: '/routers/{id}',
    policy: 'get_router',
    load: loading(routers),
    target: routers.target,
    status: 200,
    handler: showing(routers),
  }),
  endpoint({
    method: 'PUT',
    path: '/routers/{id}',
    policy: 'update_router',
    load: loading(routers),
    target: routers.target,
    body: 'json',
    status: 200,
    handler: updating(routers, updateRouter),
  }),
  endpoint({
    method: 'DELETE',
    path: '/routers/{id}',
    policy: 'delete_router',
    load: loading(routers),
    target: routers.target,
    status: 204,
    handler: deleting(routers, removeRouter),
  }),
  endpoint({
    method: 'PUT',
    path: '/routers/{id}/add_router_interface',
    policy: 'add_router_interface',
    load: loading(routers),
    target: routers.target,
    body: 'json',
    status: 200,
    handler: (call) => changeInterface(call, true),
  }),
  endpoint({
    method: 'PUT',
    path: '/routers/{id}/remove_router_interface',
    policy: 'remove_router_interface',
    load: loading(routers),
    target: routers.target,
    body: 'json',
    status: 200,
    handler: (call) => changeInterface(call, false),
  }),
  endpoint({
    method: 'PUT',
    path: '/routers/{id}/add_extraroutes',
    policy: 'add_extraroutes',
    load: loading(routers),
    target: routers.target,
    body: 'json',
    status: 200,
    handler: (call) => changeRoutes(call, withRoutes),
  }),
  endpoint({
    method: 'PUT',
    path: '/routers/{id}/remove_extraroutes',
    policy: 'remove_extraroutes',
    load: loading(routers),
    target: routers.target,
    body: 'json',
    status: 200,
    handler: (call) => changeRoutes(call, withoutRoutes),
  }),
];

type RouterCall = Call<Network, { id: string }, unknown, RouterRow>;

async function changeInterface(call: RouterCall, adding: boolean) {
  const { service, params } = call;
  const spec = readInterface(call.body, adding);
  const viewer = viewerOf(call);
  const change = adding ? addInterface : removeInterface;
  const info = await service.write(async (work) => {
    await bump(work, 'network_routers', params.id, routerNotFound);
    return change(work, (await findRouter(work.db, params.id, viewer))!, spec, viewer);
  });
  return viewInterface(params.id, info);
}

const viewInterface = (routerId: string, { port, subnetIds }: InterfaceInfo) => ({
  id: routerId,
  tenant_id: port.project_id,
  project_id: port.project_id,
  port_id: port.id,
  network_id: port.network_id,
  subnet_id: subnetIds[0],
  subnet_ids: subnetIds,
});

async function changeRoutes(
  call: RouterCall,
  combine: (router: RouterRow, routes: readonly Route[]) => Route[],
) {
  const { service, params } = call;
  const routes = readRoutes(call.body);
  const viewer = viewerOf(call);
  const changed = await service.write(async (work) => {
    await bump(work, 'network_routers', params.id, routerNotFound);
    const router = (await findRouter(work.db, params.id, viewer))!;
    await setRoutes(work, router, combine(router, routes));
    work.touch('router', router.id);
    return (await findRouter(work.db, params.id, viewer))!;
  });
  return { router: presenter(routers, call, changed)(changed) };
}

function readRoutes(body: unknown): readonly Route[] {
  const routes = (body as { router?: { routes?: unknown } } | undefined)?.router?.routes;
  if (routes === undefined) throw badBody("Unable to find 'routes' in request body");
  const problem = hostRoutes.problem!(routes);
  if (problem) throw badBody(`Invalid input for routes. Reason: ${problem}.`);
  return routes as Route[];
}
