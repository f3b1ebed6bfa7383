import type { Selectable } from 'kysely';

import { owners } from '../ports/owners.ts';
import { type PortRow, portsWith } from '../ports/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import { filteredBy, type ListQuery } from '../resource/query.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import type { Db, RouterTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';
import { routerNotFound } from './errors.ts';

/** A router with its gateway. */
export interface RouterRow extends Selectable<RouterTable> {
  readonly gateway: Gateway | null;
  readonly tags: readonly string[];
}

/** The port by which a router leads outside. */
export interface Gateway {
  readonly portId: string;
  readonly networkId: string;
  readonly addresses: readonly { subnet_id: string; ip_address: string }[];
}

const listing: Listing = { table: 'network_routers', alias: 'r' };

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_routers as r') as AnyQuery;
  return viewer.admin ? query : query.where('r.project_id', '=', viewer.projectId ?? '');
};

/**
 * The page of a viewer's project's routers, of all for administrators. Throws `notFound` for a marker not among them.
 */
export async function listRouters(db: Db, list: ListQuery, viewer: Viewer): Promise<RouterRow[]> {
  const marker = list.marker === undefined ? undefined : await findRouter(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw routerNotFound(list.marker);
  const narrowed = matching(seenBy(db, viewer), listing, list.filters);
  const page = paged(narrowed, listing, list, marker && { ...marker });
  return inOrder(await load(db, page, page.select('r.id')), list);
}

/** A router of the viewer's project, undefined otherwise; administrators find any. */
export async function findRouter(db: Db, id: string, viewer: Viewer): Promise<RouterRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('r.id', '=', id), [id]);
  return found;
}

/** Routers by id, whoever's they are. */
export const routersById = (db: Db, ids: readonly string[]): Promise<RouterRow[]> =>
  ids.length === 0 ? Promise.resolve([]) : listRouters(db, filteredBy({ id: ids }), everything);

async function load(db: Db, query: AnyQuery, finding: Ids): Promise<RouterRow[]> {
  const rows = (await query.selectAll('r').execute()) as Selectable<RouterTable>[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding);
  const gateways = await gatewaysOf(db, ids);
  const tags = await tagsOf(db, ids);
  return rows.map((row) => ({
    ...row,
    gateway: gateways.get(row.id) ?? null,
    tags: tags.get(row.id) ?? [],
  }));
}

async function gatewaysOf(db: Db, routers: Ids): Promise<Map<string, Gateway>> {
  const rows = await db
    .selectFrom('network_ports as p')
    .leftJoin('network_ip_allocations as a', 'a.port_id', 'p.id')
    .select(['p.id', 'p.device_id', 'p.network_id', 'a.subnet_id', 'a.ip_address'])
    .where('p.device_id', 'in', routers as readonly string[])
    .where('p.device_owner', '=', owners.routerGateway)
    .orderBy('a.address_key')
    .execute();
  const gateways = new Map<
    string,
    { portId: string; networkId: string; addresses: Gateway['addresses'][number][] }
  >();
  for (const row of rows) {
    const known = gateways.get(row.device_id) ?? { portId: row.id, networkId: row.network_id, addresses: [] };
    if (row.subnet_id !== null && row.ip_address !== null)
      known.addresses.push({ subnet_id: row.subnet_id, ip_address: row.ip_address });
    gateways.set(row.device_id, known);
  }
  return gateways;
}

/** Inserts a router; its gateway is a port with its id as device, not a column. */
export async function insertRouter(db: Db, row: RouterTable): Promise<void> {
  await db.insertInto('network_routers').values(row).execute();
}

/** Sets these columns, nothing when there are none. The revision is counted up before, by `bump`. */
export async function updateRouterRow(db: Db, id: string, row: Partial<RouterTable>): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_routers').set(row).where('id', '=', id).execute();
}

/** Deletes the row; the database refuses it while floating ips refer to it. */
export async function deleteRouterRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_routers').where('id', '=', id).execute();
}

/** The ports by which a router is on its projects' networks. */
export const interfacesOf = (db: Db, routerIds: readonly string[]): Promise<PortRow[]> =>
  portsWith(db, { device_id: routerIds, device_owner: [owners.routerInterface] });

/** The routers with a port of theirs on a network, as interface or gateway. */
export async function routersOn(db: Db, networkId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_ports')
    .select('device_id')
    .distinct()
    .where('network_id', '=', networkId)
    .where('device_owner', 'in', [owners.routerInterface, owners.routerGateway])
    .execute();
  return rows.map((row) => row.device_id);
}

/** Whether there is a router of this id. */
export async function routerExists(db: Db, id: string): Promise<boolean> {
  const row = await db.selectFrom('network_routers').select('id').where('id', '=', id).executeTakeFirst();
  return row !== undefined;
}
