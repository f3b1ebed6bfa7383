import type { Selectable } from 'kysely';

import { subnetNotFound } from '../errors.ts';
import { openTo, sharedBit, sharedFilter } from '../rbac-policies/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { Db, SubnetTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';

/** A subnet with what its representation and its policies need, seen by someone. */
export interface SubnetRow extends Selectable<SubnetTable> {
  readonly network_project_id: string;
  readonly network_external: number;
  readonly network_mtu: number;
  /** Whether its network is shared with the viewer. */
  readonly shared: number;
  readonly tags: readonly string[];
}

const listing = (viewer: Viewer): Listing => ({
  table: 'network_subnets',
  alias: 's',
  columns: { 'router:external': 'n.external' },
  filters: { shared: sharedFilter('s.network_id', viewer) },
});

/** The subnets a viewer may see: their own, those of their networks, those of networks opened to them. */
const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db
    .selectFrom('network_subnets as s')
    .innerJoin('network_networks as n', 'n.id', 's.network_id') as AnyQuery;
  if (viewer.admin) return query;
  return query.where((eb) =>
    eb.or([
      eb('s.project_id', '=', viewer.projectId ?? ''),
      eb('n.project_id', '=', viewer.projectId ?? ''),
      eb('s.network_id', 'in', openTo(eb, 'network', viewer)),
    ]),
  );
};

/** The page of subnets the viewer may see, by id unless sorted. Throws `notFound` when the marker is none of them. */
export async function listSubnets(db: Db, list: ListQuery, viewer: Viewer): Promise<SubnetRow[]> {
  const marker = list.marker === undefined ? undefined : await findSubnet(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw subnetNotFound(list.marker);
  const how = listing(viewer);
  const page = paged(matching(seenBy(db, viewer), how, list.filters), how, list, marker && { ...marker });
  return inOrder(await load(db, page, viewer, page.select('s.id')), list);
}

/** A subnet with its tags and what policy asks of its network; undefined when the viewer may not see it. */
export async function findSubnet(db: Db, id: string, viewer: Viewer): Promise<SubnetRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('s.id', '=', id), viewer, [id]);
  return found;
}

async function load(db: Db, query: AnyQuery, viewer: Viewer, finding: Ids): Promise<SubnetRow[]> {
  const rows = (await query
    .selectAll('s')
    .select(['n.project_id as network_project_id', 'n.external as network_external', 'n.mtu as network_mtu'])
    .select((eb) => sharedBit(eb, 's.network_id', viewer).as('shared'))
    .execute()) as Omit<SubnetRow, 'tags'>[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding);
  const tags = await tagsOf(db, ids);
  return rows.map((row) => ({ ...row, tags: tags.get(row.id) ?? [] }));
}

/** The bare rows of a network's subnets, oldest first. */
export const subnetsOfNetwork = (db: Db, networkId: string): Promise<Selectable<SubnetTable>[]> =>
  subnetsOfNetworks(db, [networkId]);

/** The bare rows of networks' subnets, oldest first. */
export const subnetsOfNetworks = (
  db: Db,
  networkIds: readonly string[],
): Promise<Selectable<SubnetTable>[]> =>
  db
    .selectFrom('network_subnets')
    .selectAll()
    .where('network_id', 'in', networkIds)
    .orderBy('created_at')
    .orderBy('id')
    .execute();

/** Bare rows by id. */
export const subnetsById = (db: Db, ids: readonly string[]): Promise<Selectable<SubnetTable>[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.selectFrom('network_subnets').selectAll().where('id', 'in', ids).execute();

/** Inserts a subnet. That it overlaps no other is the caller's to see to, under the lock of the network's row. */
export async function insertSubnet(db: Db, row: SubnetTable): Promise<void> {
  await db.insertInto('network_subnets').values(row).execute();
}

/** Sets columns; the caller has counted the revision up, which locks the row. */
export async function updateSubnetRow(db: Db, id: string, row: Partial<SubnetTable>): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_subnets').set(row).where('id', '=', id).execute();
}

/** Deletes the row. Addresses that are left on it make the transaction fail as a conflict: keys refer to it. */
export async function deleteSubnetRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_subnets').where('id', '=', id).execute();
}
