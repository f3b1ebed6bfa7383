import { type Selectable, sql } from 'kysely';

import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { Db, FloatingIpTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';
import { floatingIpNotFound } from './errors.ts';

/** A floating ip with what its representation needs. */
export interface FloatingIpRow extends Selectable<FloatingIpTable> {
  /** The port it leads to. */
  readonly port: FixedPort | null;
  readonly tags: readonly string[];
}

interface FixedPort {
  readonly name: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly admin_state_up: number;
  readonly status: string;
  readonly device_id: string;
  readonly device_owner: string;
}

/** In use as soon as a router translates it. */
const status = sql<string>`case when f.router_id is null then 'DOWN' else 'ACTIVE' end`;

const listing: Listing = {
  table: 'network_floatingips',
  alias: 'f',
  columns: { port_id: 'f.fixed_port_id', status: 'f.router_id' },
  filters: { status: (query, values) => query.where(status, 'in', values.map(String)) },
};

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_floatingips as f') as AnyQuery;
  return viewer.admin ? query : query.where('f.project_id', '=', viewer.projectId ?? '');
};

/**
 * The page of a viewer's project's floating ips, of all for administrators. Throws `notFound` for a marker not among
 * them.
 */
export async function listFloatingIps(db: Db, list: ListQuery, viewer: Viewer): Promise<FloatingIpRow[]> {
  const marker = list.marker === undefined ? undefined : await findFloatingIp(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw floatingIpNotFound(list.marker);
  const narrowed = matching(seenBy(db, viewer), listing, list.filters);
  const page = paged(narrowed, listing, list, marker && { ...marker });
  return inOrder(await load(db, page, page.select('f.id')), list);
}

/** A floating ip of the viewer's project, undefined otherwise; administrators find any. */
export async function findFloatingIp(db: Db, id: string, viewer: Viewer): Promise<FloatingIpRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('f.id', '=', id), [id]);
  return found;
}

const detail = [
  'p.name as port_name',
  'p.network_id as port_network_id',
  'p.mac_address as port_mac_address',
  'p.admin_state_up as port_admin_state_up',
  'p.status as port_status',
  'p.device_id as port_device_id',
  'p.device_owner as port_device_owner',
];

async function load(db: Db, query: AnyQuery, finding: Ids): Promise<FloatingIpRow[]> {
  const rows = (await query
    .leftJoin('network_ports as p', 'p.id', 'f.fixed_port_id')
    .selectAll('f')
    .select(detail)
    .execute()) as (Selectable<FloatingIpTable> & Record<`port_${keyof FixedPort}`, never>)[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding);
  const tags = await tagsOf(db, ids);
  return rows.map((row) => ({
    ...row,
    port:
      row.fixed_port_id === null
        ? null
        : {
            name: row.port_name,
            network_id: row.port_network_id,
            mac_address: row.port_mac_address,
            admin_state_up: row.port_admin_state_up,
            status: row.port_status,
            device_id: row.port_device_id,
            device_owner: row.port_device_owner,
          },
    tags: tags.get(row.id) ?? [],
  }));
}

type Bare = Selectable<FloatingIpTable>;

/** The floating ips these routers translate, in the order of their ids. */
export const floatingIpsOfRouter = (db: Db, routerIds: readonly string[]): Promise<Bare[]> =>
  db
    .selectFrom('network_floatingips')
    .selectAll()
    .where('router_id', 'in', routerIds)
    .orderBy('id')
    .execute();

/** The floating ips that lead to ports. */
export const floatingIpsOfPorts = (db: Db, portIds: readonly string[]): Promise<Bare[]> =>
  portIds.length === 0
    ? Promise.resolve([])
    : db.selectFrom('network_floatingips').selectAll().where('fixed_port_id', 'in', portIds).execute();

/** The floating ips of an external network that lead nowhere. */
export const idleFloatingIps = (db: Db, networkId: string): Promise<Bare[]> =>
  db
    .selectFrom('network_floatingips')
    .selectAll()
    .where('floating_network_id', '=', networkId)
    .where('fixed_port_id', 'is', null)
    .execute();

/** The floating ip whose own port this is. */
export const floatingIpByPort = (db: Db, portId: string): Promise<Bare | undefined> =>
  db.selectFrom('network_floatingips').selectAll().where('floating_port_id', '=', portId).executeTakeFirst();

/**
 * Inserts a row whose own port exists already. An index refuses a second one from the same network to a fixed
 * address.
 */
export async function insertFloatingIp(db: Db, row: FloatingIpTable): Promise<void> {
  await db.insertInto('network_floatingips').values(row).execute();
}

/** Where a floating ip leads. */
export type Association = Pick<FloatingIpTable, 'fixed_port_id' | 'fixed_ip_address' | 'router_id'>;

/** Where a floating ip leads when it leads nowhere. */
export const nowhere: Association = { fixed_port_id: null, fixed_ip_address: null, router_id: null };

/** Sets where it leads, its description or both; counting the revision up is left to the caller. */
export async function updateFloatingIpRow(
  db: Db,
  id: string,
  row: Partial<Association & Pick<FloatingIpTable, 'description'>>,
): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_floatingips').set(row).where('id', '=', id).execute();
}

/** Deletes the row; its own port can go after it, not before. */
export async function deleteFloatingIpRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_floatingips').where('id', '=', id).execute();
}

/** Whether another floating ip of the network leads to this fixed address already. */
export async function isAssociated(
  db: Db,
  id: string,
  to: { networkId: string; portId: string; address: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('network_floatingips')
    .select('id')
    .where('fixed_port_id', '=', to.portId)
    .where('fixed_ip_address', '=', to.address)
    .where('floating_network_id', '=', to.networkId)
    .where('id', '!=', id)
    .executeTakeFirst();
  return row !== undefined;
}

/** Routers with an interface on the subnet and a gateway to the network, and the interface's address. */
export const routersBetween = (
  db: Db,
  subnetId: string,
  externalNetworkId: string,
): Promise<{ router: string; address: string }[]> =>
  db
    .selectFrom('network_ip_allocations as a')
    .innerJoin('network_ports as i', 'i.id', 'a.port_id')
    .innerJoin('network_ports as g', 'g.device_id', 'i.device_id')
    .where('a.subnet_id', '=', subnetId)
    .where('i.device_owner', '=', 'network:router_interface')
    .where('g.device_owner', '=', 'network:router_gateway')
    .where('g.network_id', '=', externalNetworkId)
    .select(['i.device_id as router', 'a.ip_address as address'])
    .orderBy('i.device_id')
    .execute();

/** Floating ips with this address that a project may use, for actions that name only the address. */
export const floatingIpsByAddress = (db: Db, address: string, viewer: Viewer): Promise<Bare[]> => {
  const query = db.selectFrom('network_floatingips').selectAll().where('floating_ip_address', '=', address);
  return viewer.admin ? query.execute() : query.where('project_id', '=', viewer.projectId ?? '').execute();
};
