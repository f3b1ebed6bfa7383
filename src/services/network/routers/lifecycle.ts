import { bit, toJson } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { invalidInput } from '../errors.ts';
import { checkZones } from '../networks/create.ts';
import type { Created, Updated } from '../resource/attribute.ts';
import type { Viewer } from '../resource/viewer.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { routerInUse } from './errors.ts';
import { removeGateway, setGateway } from './gateway.ts';
import { requireRoutesKept, setRoutes } from './routes.ts';
import type { routerAttributes } from './schema.ts';
import { deleteRouterRow, insertRouter, interfacesOf, type RouterRow, updateRouterRow } from './store.ts';

/** Makes a router, with a gateway if one is asked for, and answers its id. Throws as {@link setGateway} does. */
export async function createRouter(
  work: Work,
  given: Created<typeof routerAttributes>,
  viewer: Viewer,
): Promise<string> {
  checkZones(work, given.availability_zone_hints);
  requireHa(given.ha);
  const id = newUuid();
  await insertRouter(work.db, {
    id,
    project_id: given.project_id,
    name: given.name,
    description: given.description,
    admin_state_up: bit(given.admin_state_up),
    status: 'ACTIVE',
    enable_snat: 1,
    routes: toJson([]),
    availability_zone_hints: toJson(given.availability_zone_hints),
    created_at: work.now,
    updated_at: work.now,
    revision_number: 1,
  });
  if (given.external_gateway_info)
    await setGateway(work, { id, gateway: null }, given.external_gateway_info, viewer);
  work.touch('router', id);
  return id;
}

/** Changes a router: the gateway first, then the routes, which may lead by the new one and may not by the old one. */
export async function updateRouter(
  work: Work,
  router: RouterRow,
  changes: Updated<typeof routerAttributes>,
  viewer: Viewer,
): Promise<void> {
  requireHa(changes.ha);
  const gateway = changes.external_gateway_info;
  if (gateway !== undefined) await setGateway(work, router, gateway, viewer);
  if (changes.routes) await setRoutes(work, router, changes.routes);
  else if (gateway !== undefined) await requireRoutesKept(work, router);
  await updateRouterRow(work.db, router.id, {
    ...(changes.name !== undefined && { name: changes.name }),
    ...(changes.description !== undefined && { description: changes.description }),
    ...(changes.admin_state_up !== undefined && { admin_state_up: bit(changes.admin_state_up) }),
  });
  work.touch('router', router.id);
}

/** OVN knows no other routers. */
function requireHa(ha: boolean | null | undefined): void {
  if (ha === false) throw invalidInput('Routers are always highly available');
}

/**
 * Removes a router with its gateway. Throws `routerInUse` while it has interfaces, and as {@link removeGateway} does.
 */
export async function removeRouter(work: Work, router: RouterRow): Promise<void> {
  const interfaces = await interfacesOf(work.db, [router.id]);
  if (interfaces.length > 0)
    throw routerInUse(
      router.id,
      interfaces.map((port) => port.id),
    );
  if (router.gateway) await removeGateway(work, router.id, router.gateway);
  await removeTags(work.db, [router.id]);
  await deleteRouterRow(work.db, router.id);
  work.touch('router', router.id);
}
