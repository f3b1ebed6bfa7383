import type { Selectable } from 'kysely';

import { openTo, sharedBit } from '../rbac-policies/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { AddressGroupTable, Db } from '../tables.ts';
import { addressGroupNotFound } from './errors.ts';

/** An address group, seen by someone. */
export interface AddressGroupRow extends Selectable<AddressGroupTable> {
  /** Whether it is shared with the viewer. */
  readonly shared: number;
}

const listing: Listing = { table: 'network_address_groups', alias: 'g' };

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_address_groups as g') as AnyQuery;
  if (viewer.admin) return query;
  return query.where((eb) =>
    eb.or([
      eb('g.project_id', '=', viewer.projectId ?? ''),
      eb('g.id', 'in', openTo(eb, 'address_group', viewer)),
    ]),
  );
};

const load = async (query: AnyQuery, viewer: Viewer): Promise<AddressGroupRow[]> =>
  (await query
    .selectAll('g')
    .select((eb) => sharedBit(eb, 'g.id', viewer).as('shared'))
    .execute()) as AddressGroupRow[];

/** The page of groups a viewer owns or was given by an RBAC policy. Throws `notFound` for a marker they do not see. */
export async function listAddressGroups(db: Db, list: ListQuery, viewer: Viewer): Promise<AddressGroupRow[]> {
  const marker = list.marker === undefined ? undefined : await findAddressGroup(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw addressGroupNotFound(list.marker);
  const narrowed = matching(seenBy(db, viewer), listing, list.filters);
  return inOrder(await load(paged(narrowed, listing, list, marker && { ...marker }), viewer), list);
}

/** A group the viewer owns or was given, undefined otherwise; administrators find any. */
export async function findAddressGroup(
  db: Db,
  id: string,
  viewer: Viewer,
): Promise<AddressGroupRow | undefined> {
  const [found] = await load(seenBy(db, viewer).where('g.id', '=', id), viewer);
  return found;
}

/** Bare rows by id. */
export const addressGroupsById = (db: Db, ids: readonly string[]): Promise<Selectable<AddressGroupTable>[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db.selectFrom('network_address_groups').selectAll().where('id', 'in', ids).execute();

/** Inserts a row; nothing but its id has to be unique. */
export async function insertAddressGroup(db: Db, row: AddressGroupTable): Promise<void> {
  await db.insertInto('network_address_groups').values(row).execute();
}

/** Sets these columns, nothing when there are none. The revision is counted up before, by `bump`. */
export async function updateAddressGroupRow(
  db: Db,
  id: string,
  row: Partial<AddressGroupTable>,
): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_address_groups').set(row).where('id', '=', id).execute();
}

/** Deletes the row alone: rules only note the id of a group, so ask {@link groupsUsing} first. */
export async function deleteAddressGroupRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_address_groups').where('id', '=', id).execute();
}

/** The security groups with rules about an address group's addresses. */
export async function groupsUsing(db: Db, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_security_group_rules')
    .select('security_group_id')
    .distinct()
    .where('remote_address_group_id', '=', id)
    .execute();
  return rows.map((row) => row.security_group_id);
}
