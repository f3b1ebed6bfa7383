import type { Selectable } from 'kysely';

import { openTo, sharedBit, sharedFilter } from '../rbac-policies/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { Db, SubnetPoolTable, SubnetTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';
import { subnetPoolNotFound } from './errors.ts';

/** A subnet pool, seen by someone. */
export interface SubnetPoolRow extends Selectable<SubnetPoolTable> {
  /** Whether it is shared with the viewer. */
  readonly shared: number;
  readonly tags: readonly string[];
}

const listing = (viewer: Viewer): Listing => ({
  table: 'network_subnetpools',
  alias: 'p',
  filters: { shared: sharedFilter('p.id', viewer) },
});

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_subnetpools as p') as AnyQuery;
  if (viewer.admin) return query;
  return query.where((eb) =>
    eb.or([
      eb('p.project_id', '=', viewer.projectId ?? ''),
      eb('p.id', 'in', openTo(eb, 'subnetpool', viewer)),
    ]),
  );
};

/** The page of pools the viewer may see, by id unless sorted. Throws `notFound` when the marker is none of them. */
export async function listSubnetPools(db: Db, list: ListQuery, viewer: Viewer): Promise<SubnetPoolRow[]> {
  const marker = list.marker === undefined ? undefined : await findSubnetPool(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw subnetPoolNotFound(list.marker);
  const how = listing(viewer);
  const page = paged(matching(seenBy(db, viewer), how, list.filters), how, list, marker && { ...marker });
  return inOrder(await load(db, page, viewer, page.select('p.id')), list);
}

/** A pool with its tags; undefined when the viewer may not see it. */
export async function findSubnetPool(db: Db, id: string, viewer: Viewer): Promise<SubnetPoolRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('p.id', '=', id), viewer, [id]);
  return found;
}

async function load(db: Db, query: AnyQuery, viewer: Viewer, finding: Ids): Promise<SubnetPoolRow[]> {
  const rows = (await query
    .selectAll('p')
    .select((eb) => sharedBit(eb, 'p.id', viewer).as('shared'))
    .execute()) as Omit<SubnetPoolRow, 'tags'>[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding);
  const tags = await tagsOf(db, ids);
  return rows.map((row) => ({ ...row, tags: tags.get(row.id) ?? [] }));
}

type Bare = Selectable<SubnetPoolTable>;

/** The pools of an address scope. */
export const poolsOfScope = (db: Db, scopeId: string): Promise<Bare[]> =>
  db.selectFrom('network_subnetpools').selectAll().where('address_scope_id', '=', scopeId).execute();

/** Bare rows by id. */
export const poolsById = (db: Db, ids: readonly string[]): Promise<Bare[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.selectFrom('network_subnetpools').selectAll().where('id', 'in', ids).execute();

/** The pool subnets of a version are taken from when none is named. */
export const defaultPool = (db: Db, version: number): Promise<Bare | undefined> =>
  db
    .selectFrom('network_subnetpools')
    .selectAll()
    .where('is_default', '=', 1)
    .where('ip_version', '=', version)
    .executeTakeFirst();

/** The subnets taken from a pool. */
export const subnetsOfPool = (db: Db, poolId: string): Promise<Selectable<SubnetTable>[]> =>
  db.selectFrom('network_subnets').selectAll().where('subnetpool_id', '=', poolId).execute();

/** Inserts a pool. Default pools and prefixes in scopes are checked before, not by the database. */
export async function insertSubnetPool(db: Db, row: SubnetPoolTable): Promise<void> {
  await db.insertInto('network_subnetpools').values(row).execute();
}

/** Sets columns; the caller has counted the revision up, which locks the row. */
export async function updateSubnetPoolRow(db: Db, id: string, row: Partial<SubnetPoolTable>): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_subnetpools').set(row).where('id', '=', id).execute();
}

/** Deletes the row. No key holds a pool to its subnets: the caller has looked for them under the row's lock. */
export async function deleteSubnetPoolRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_subnetpools').where('id', '=', id).execute();
}
