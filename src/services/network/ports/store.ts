import { type Selectable, sql } from 'kysely';

import { portNotFound } from '../errors.ts';
import { isShared } from '../rbac-policies/store.ts';
import {
  type AnyExpressions,
  type AnyQuery,
  inOrder,
  type Listing,
  matching,
  paged,
} from '../resource/listing.ts';
import { filteredBy, type ListQuery } from '../resource/query.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import type { AllocationTable, Db, PortTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';
import { engineKind, owners } from './owners.ts';

/** An address a port has, as `fixed_ips` shows it. */
export type Allocation = Pick<Selectable<AllocationTable>, 'subnet_id' | 'ip_address'>;

/** A port with what its representation and its policies need. */
export interface PortRow extends Selectable<PortTable> {
  readonly network_project_id: string;
  /** Whether its network is shared with the viewer. */
  readonly network_shared: number;
  readonly addresses: readonly Allocation[];
  readonly securityGroups: readonly string[];
  readonly tags: readonly string[];
}

/** As the view tells it, for filters. */
const vifType = sql<string>`
  case when p.binding_host_id = ''
    or p.device_owner in (${owners.routerInterface}, ${owners.routerGateway}, ${owners.service})
  then 'unbound' else 'ovs' end`;

const listing: Listing = {
  table: 'network_ports',
  alias: 'p',
  columns: { 'binding:host_id': 'p.binding_host_id' },
  filters: {
    fixed_ips: (query, values) => withFixedIps(query, values.map(String)),
    security_groups: (query, values) =>
      query.where('p.id', 'in', (eb: AnyExpressions) =>
        eb
          .selectFrom('network_port_security_groups as g')
          .select('g.port_id')
          .where('g.security_group_id', 'in', values),
      ),
    'binding:vif_type': (query, values) => query.where(vifType, 'in', values.map(String)),
  },
};

/** `fixed_ips=ip_address=10.0.0.3`, `subnet_id=…`, and the beginning of an address with `ip_address_substr=…`. */
function withFixedIps(query: AnyQuery, values: readonly string[]): AnyQuery {
  const wanted = new Map<string, string[]>();
  for (const value of values) {
    const [key = '', ...rest] = value.split('=');
    wanted.set(key, [...(wanted.get(key) ?? []), rest.join('=')]);
  }
  let narrowed = query;
  for (const [key, words] of wanted) {
    narrowed = narrowed.where('p.id', 'in', (eb: AnyExpressions) => {
      const holders = eb.selectFrom('network_ip_allocations as a').select('a.port_id');
      if (key === 'subnet_id') return holders.where('a.subnet_id', 'in', words);
      if (key === 'ip_address') return holders.where('a.ip_address', 'in', words);
      return holders.where((e: AnyExpressions) =>
        e.or(words.map((word) => e('a.ip_address', 'like', `%${word}%`))),
      );
    });
  }
  return narrowed;
}

/** The ports a viewer may see: their own, and all on their networks. */
const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db
    .selectFrom('network_ports as p')
    .innerJoin('network_networks as n', 'n.id', 'p.network_id') as AnyQuery;
  if (viewer.admin) return query;
  const project = viewer.projectId ?? '';
  return query.where((eb) =>
    eb.or([
      eb('p.project_id', '=', project),
      eb(
        'p.network_id',
        'in',
        eb.selectFrom('network_networks as own').select('own.id').where('own.project_id', '=', project),
      ),
    ]),
  );
};

/**
 * The page of ports a viewer sees: their own and all on their networks. Addresses are in their order, tags sorted.
 * Throws `notFound` for a marker they do not see.
 */
export async function listPorts(db: Db, list: ListQuery, viewer: Viewer): Promise<PortRow[]> {
  const marker = list.marker === undefined ? undefined : await findPort(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw portNotFound(list.marker);
  const page = paged(
    matching(seenBy(db, viewer), listing, list.filters),
    listing,
    list,
    marker && { ...marker },
  );
  const named = [...list.filters.values()].reduce((count, words) => count + words.length, 0);
  return inOrder(await load(db, page, viewer, page.select('p.id'), named), list);
}

/** A port of the viewer's or on a network of theirs, undefined otherwise; administrators find any. */
export async function findPort(db: Db, id: string, viewer: Viewer): Promise<PortRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('p.id', '=', id), viewer, [id]);
  return found;
}

/** Ports with any of these values, whoever's they are. */
export const portsWith = (
  db: Db,
  filters: Readonly<Record<string, readonly unknown[]>>,
): Promise<PortRow[]> =>
  Object.values(filters).some((values) => values.length === 0)
    ? Promise.resolve([])
    : listPorts(db, filteredBy(filters), everything);

/** The ports of devices whose owner begins so, e.g. `compute:`. */
export const portsOfOwners = (
  db: Db,
  prefix: string,
): Promise<Pick<Selectable<PortTable>, 'id' | 'device_id' | 'binding_host_id'>[]> =>
  db
    .selectFrom('network_ports')
    .select(['id', 'device_id', 'binding_host_id'])
    .where('device_owner', 'like', `${prefix}%`)
    .execute();

/** The networks of ports that are bound to a host and whose device owner begins so, e.g. `compute:`; each once. */
export async function networksOn(db: Db, host: string, ownerPrefix: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_ports')
    .select('network_id')
    .distinct()
    .where('binding_host_id', '=', host)
    .where('device_owner', 'like', `${ownerPrefix}%`)
    .execute();
  return rows.map((row) => row.network_id);
}

/** Hosts the ports of a network are bound to, each once; a port that is bound nowhere counts for none. */
export async function hostsOf(db: Db, networkId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_ports')
    .select('binding_host_id')
    .distinct()
    .where('network_id', '=', networkId)
    .where('binding_host_id', '!=', '')
    .execute();
  return rows.map((row) => row.binding_host_id);
}

/** Ids of the ports of a network that have a `dns_name`: those DNS answers for. */
export async function namedPorts(db: Db, networkId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('dns_name', '!=', '')
    .execute();
  return rows.map((row) => row.id);
}

async function load(db: Db, query: AnyQuery, viewer: Viewer, finding: Ids, named = 0): Promise<PortRow[]> {
  const rows = (await query
    .selectAll('p')
    .select('n.project_id as network_project_id')
    .select((eb) =>
      eb
        .case()
        .when(isShared(eb, 'p.network_id', viewer))
        .then(1)
        .else(0)
        .end()
        .as('network_shared'),
    )
    .execute()) as Omit<PortRow, 'addresses' | 'securityGroups' | 'tags'>[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding, named);
  const addresses = await addressesOf(db, ids);
  const groups = await groupsOf(db, ids);
  const tags = await tagsOf(db, ids);
  // the rows are nobody else's, and copying thousands costs
  return rows.map((row) =>
    Object.assign(row, {
      addresses: addresses.get(row.id) ?? [],
      securityGroups: groups.get(row.id) ?? [],
      tags: tags.get(row.id) ?? [],
    }),
  );
}

async function addressesOf(db: Db, ids: Ids): Promise<Map<string, Allocation[]>> {
  const rows = await db
    .selectFrom('network_ip_allocations')
    .select(['port_id', 'subnet_id', 'ip_address'])
    .where('port_id', 'in', ids as readonly string[])
    .orderBy('address_key')
    .execute();
  const addresses = new Map<string, Allocation[]>();
  for (const { port_id: port, subnet_id, ip_address } of rows) {
    const known = addresses.get(port);
    if (known) known.push({ subnet_id, ip_address });
    else addresses.set(port, [{ subnet_id, ip_address }]);
  }
  return addresses;
}

async function groupsOf(db: Db, ids: Ids): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('network_port_security_groups')
    .selectAll()
    .where('port_id', 'in', ids as readonly string[])
    .orderBy('security_group_id')
    .execute();
  const groups = new Map<string, string[]>();
  for (const { port_id: port, security_group_id: group } of rows) {
    const known = groups.get(port);
    if (known) known.push(group);
    else groups.set(port, [group]);
  }
  return groups;
}

/** Inserts a port unless its MAC address is taken on its network; false when it is. */
export async function insertPort(db: Db, row: PortTable): Promise<boolean> {
  const result = await db
    .insertInto('network_ports')
    .values(row)
    .onConflict((c) => c.columns(['network_id', 'mac_address']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Sets these columns, nothing when there are none. A MAC address taken meanwhile breaks the unique index. */
export async function updatePortRow(db: Db, id: string, row: Partial<PortTable>): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_ports').set(row).where('id', '=', id).execute();
}

/** Whether another port of the network has this MAC address. */
export async function macTaken(db: Db, networkId: string, mac: string, portId: string): Promise<boolean> {
  const row = await db
    .selectFrom('network_ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('mac_address', '=', mac)
    .where('id', '!=', portId)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Deletes a port with its addresses and its places in security groups; the database refuses it while a floating ip has
 * it or leads to it.
 */
export async function deletePortRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_ports').where('id', '=', id).execute();
}

/** Puts a port into exactly these security groups; the database keeps groups that ports are in. */
export async function setPortGroups(db: Db, portId: string, groups: readonly string[]): Promise<void> {
  await db.deleteFrom('network_port_security_groups').where('port_id', '=', portId).execute();
  if (groups.length === 0) return;
  await db
    .insertInto('network_port_security_groups')
    .values(groups.map((id) => ({ port_id: portId, security_group_id: id })))
    .execute();
}

/** Gives addresses of a port back. */
export async function releaseAddresses(db: Db, portId: string, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) return;
  await db
    .deleteFrom('network_ip_allocations')
    .where('port_id', '=', portId)
    .where('ip_address', 'in', addresses)
    .execute();
}

/** Notes that a port's wiring went up or down. Answers what it was before; undefined when nothing changed. */
export async function setPortStatus(
  db: Db,
  id: string,
  status: 'ACTIVE' | 'DOWN',
  now: number,
): Promise<{ deviceId: string } | undefined> {
  const row = await db
    .selectFrom('network_ports')
    .select(['device_id', 'device_owner', 'status'])
    .where('id', '=', id)
    .executeTakeFirst();
  // the network's own ports are wired wherever they are needed
  if (!row || row.status === status || engineKind(row.device_owner) !== 'plain') return undefined;
  const result = await db
    .updateTable('network_ports')
    .set((eb) => ({ status, updated_at: now, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .where('status', '=', row.status)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n ? { deviceId: row.device_id } : undefined;
}

/** What tells whether a port's status is still what the engine says: its status and where it is bound. */
export type StatusRow = Pick<Selectable<PortTable>, 'id' | 'status' | 'binding_host_id'>;

/** Status and place of ports, in the order of their ids, from after one of them. */
export const portStatuses = (db: Db, after: string, limit: number): Promise<StatusRow[]> =>
  db
    .selectFrom('network_ports')
    .select(['id', 'status', 'binding_host_id'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
