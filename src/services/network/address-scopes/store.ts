import type { Selectable } from 'kysely';

import { openTo, sharedBit, sharedFilter } from '../rbac-policies/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { AddressScopeTable, Db } from '../tables.ts';
import { addressScopeNotFound } from './errors.ts';

/** An address scope, seen by someone. */
export interface AddressScopeRow extends Selectable<AddressScopeTable> {
  /** Whether it is shared with the viewer. */
  readonly shared: number;
}

const listing = (viewer: Viewer): Listing => ({
  table: 'network_address_scopes',
  alias: 's',
  filters: { shared: sharedFilter('s.id', viewer) },
});

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_address_scopes as s') as AnyQuery;
  if (viewer.admin) return query;
  return query.where((eb) =>
    eb.or([
      eb('s.project_id', '=', viewer.projectId ?? ''),
      eb('s.id', 'in', openTo(eb, 'address_scope', viewer)),
    ]),
  );
};

const load = async (query: AnyQuery, viewer: Viewer): Promise<AddressScopeRow[]> =>
  (await query
    .selectAll('s')
    .select((eb) => sharedBit(eb, 's.id', viewer).as('shared'))
    .execute()) as AddressScopeRow[];

/** The page of scopes a viewer owns or that are shared with them. Throws `notFound` for a marker they do not see. */
export async function listAddressScopes(db: Db, list: ListQuery, viewer: Viewer): Promise<AddressScopeRow[]> {
  const marker = list.marker === undefined ? undefined : await findAddressScope(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw addressScopeNotFound(list.marker);
  const how = listing(viewer);
  const narrowed = matching(seenBy(db, viewer), how, list.filters);
  return inOrder(await load(paged(narrowed, how, list, marker && { ...marker }), viewer), list);
}

/** A scope the viewer owns or that is shared with them, undefined otherwise; administrators find any. */
export async function findAddressScope(
  db: Db,
  id: string,
  viewer: Viewer,
): Promise<AddressScopeRow | undefined> {
  const [found] = await load(seenBy(db, viewer).where('s.id', '=', id), viewer);
  return found;
}

/** Inserts a row; whom it is shared with stands in an RBAC policy, not in the row. */
export async function insertAddressScope(db: Db, row: AddressScopeTable): Promise<void> {
  await db.insertInto('network_address_scopes').values(row).execute();
}

/** Sets the name, the only column of a scope that ever changes. */
export async function renameAddressScope(db: Db, id: string, name: string): Promise<void> {
  await db.updateTable('network_address_scopes').set({ name }).where('id', '=', id).execute();
}

/** Deletes the row; the database refuses it while subnet pools refer to it. */
export async function deleteAddressScopeRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_address_scopes').where('id', '=', id).execute();
}
