import type { Selectable } from 'kysely';

import { networkNotFound } from '../errors.ts';
import { openTo, sharedBit, sharedFilter } from '../rbac-policies/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import { filteredBy, type ListQuery } from '../resource/query.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import type { Db, NetworkTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';

/** A network with what its representation needs, seen by someone. */
export interface NetworkRow extends Selectable<NetworkTable> {
  /** Whether it is shared with the viewer. */
  readonly shared: number;
  readonly subnets: readonly { id: string; ip_version: number; address_scope_id: string | null }[];
  readonly tags: readonly string[];
}

const listing = (viewer: Viewer): Listing => ({
  table: 'network_networks',
  alias: 'n',
  columns: {
    'router:external': 'n.external',
    'provider:network_type': 'n.network_type',
    'provider:physical_network': 'n.physical_network',
    'provider:segmentation_id': 'n.segmentation_id',
  },
  filters: { shared: sharedFilter('n.id', viewer) },
});

/** The networks a viewer may see: their own, and those opened to them. */
const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_networks as n') as AnyQuery;
  if (viewer.admin) return query;
  return query.where((eb) =>
    eb.or([eb('n.project_id', '=', viewer.projectId ?? ''), eb('n.id', 'in', openTo(eb, 'network', viewer))]),
  );
};

/** The page of networks the viewer may see, by id unless sorted. Throws `notFound` when the marker is none of them. */
export async function listNetworks(db: Db, list: ListQuery, viewer: Viewer): Promise<NetworkRow[]> {
  const marker = list.marker === undefined ? undefined : await findNetwork(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw networkNotFound(list.marker);
  const how = listing(viewer);
  const page = paged(matching(seenBy(db, viewer), how, list.filters), how, list, marker && { ...marker });
  return inOrder(await load(db, page, viewer, page.select('n.id')), list);
}

/** Domains of these networks, by network. */
export async function dnsDomainsOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('network_networks')
    .select(['id', 'dns_domain'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, row.dns_domain]));
}

/** A network with its subnets and tags; undefined when the viewer may not see it. */
export async function findNetwork(db: Db, id: string, viewer: Viewer): Promise<NetworkRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('n.id', '=', id), viewer, [id]);
  return found;
}

/** Networks by id, whoever's they are. */
export const networksById = (db: Db, ids: readonly string[]): Promise<NetworkRow[]> =>
  ids.length === 0 ? Promise.resolve([]) : listNetworks(db, filteredBy({ id: ids }), everything);

async function load(db: Db, query: AnyQuery, viewer: Viewer, finding: Ids): Promise<NetworkRow[]> {
  const rows = (await query
    .selectAll('n')
    .select((eb) => sharedBit(eb, 'n.id', viewer).as('shared'))
    .execute()) as (Selectable<NetworkTable> & { shared: number })[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding);
  const [subnets, tags] = [await subnetsOf(db, ids), await tagsOf(db, ids)];
  return rows.map((row) => ({
    ...row,
    subnets: subnets.get(row.id) ?? [],
    tags: tags.get(row.id) ?? [],
  }));
}

async function subnetsOf(db: Db, ids: Ids): Promise<Map<string, NetworkRow['subnets'][number][]>> {
  const rows = await db
    .selectFrom('network_subnets as s')
    .leftJoin('network_subnetpools as p', 'p.id', 's.subnetpool_id')
    .select(['s.id', 's.network_id', 's.ip_version', 'p.address_scope_id'])
    .where('s.network_id', 'in', ids as readonly string[])
    .orderBy('s.created_at')
    .orderBy('s.id')
    .execute();
  const subnets = new Map<string, NetworkRow['subnets'][number][]>();
  for (const { network_id: network, ...subnet } of rows) {
    const known = subnets.get(network) ?? [];
    known.push(subnet);
    subnets.set(network, known);
  }
  return subnets;
}

/** Inserts a network unless its segment is taken. */
export async function insertNetwork(db: Db, row: NetworkTable): Promise<boolean> {
  // on PostgreSQL a violated index would spoil the transaction, so the conflict is not allowed to happen
  const result = await db
    .insertInto('network_networks')
    .values(row)
    .onConflict((c) => c.columns(['network_type', 'physical_network', 'segmentation_id']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Sets columns; the caller has counted the revision up, which locks the row. */
export async function updateNetworkRow(db: Db, id: string, row: Partial<NetworkTable>): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_networks').set(row).where('id', '=', id).execute();
}

/** Deletes the row. Ports and subnets that are left make the transaction fail as a conflict: keys refer to it. */
export async function deleteNetworkRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_networks').where('id', '=', id).execute();
}

/** How many networks of a type have a segment within these bounds, both inclusive. */
export async function countSegments(
  db: Db,
  type: string,
  physicalNetwork: string,
  first: number,
  last: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('network_networks')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('network_type', '=', type)
    .where('physical_network', '=', physicalNetwork)
    .where('segmentation_id', '>=', first)
    .where('segmentation_id', '<=', last)
    .executeTakeFirstOrThrow();
  return count;
}

/** Whether a segment is taken. */
export async function segmentTaken(
  db: Db,
  type: string,
  physicalNetwork: string,
  segmentationId: number,
): Promise<boolean> {
  return (await countSegments(db, type, physicalNetwork, segmentationId, segmentationId)) > 0;
}

/** The external network marked as default, other than this one. */
export async function otherDefaultNetwork(db: Db, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('network_networks')
    .select('id')
    .where('is_default', '=', 1)
    .where('external', '=', 1)
    .where('id', '!=', id)
    .executeTakeFirst();
  return row?.id;
}
