import { newUuid } from '#kit/ids/ids.ts';

import {
  type AnyExpressions,
  type AnyQuery,
  inOrder,
  type Listing,
  matching,
  paged,
} from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { Db, RbacPolicyTable } from '../tables.ts';
import { rbacPolicyNotFound } from './errors.ts';

/** What a policy may let its target do with an object. */
export type RbacAction = 'access_as_shared' | 'access_as_external';

/** Whether an object is shared with the viewer's project, as an SQL condition. */
export const isShared = (eb: AnyExpressions, idColumn: string, viewer: Viewer) =>
  eb.exists(
    eb
      .selectFrom('network_rbac_policies as shares')
      .select('shares.id')
      .whereRef('shares.object_id', '=', idColumn)
      .where('shares.action', '=', 'access_as_shared')
      .where('shares.target_project', 'in', targets(viewer)),
  );

/** The same as a value of 0 or 1. */
export const sharedBit = (eb: AnyExpressions, idColumn: string, viewer: Viewer) =>
  eb
    .case()
    .when(isShared(eb, idColumn, viewer))
    .then(1)
    .else(0)
    .end();

/** The list filter `shared=…`. */
export const sharedFilter =
  (idColumn: string, viewer: Viewer) =>
  (query: AnyQuery, values: readonly unknown[]): AnyQuery =>
    query.where((eb) => {
      const shared = isShared(eb, idColumn, viewer);
      return values[0] === true ? shared : eb.not(shared);
    });

/** The objects of one type that any policy opens to the viewer's project. */
export const openTo = (eb: AnyExpressions, type: string, viewer: Viewer) =>
  eb
    .selectFrom('network_rbac_policies as opens')
    .select('opens.object_id')
    .where('opens.object_type', '=', type)
    .where('opens.target_project', 'in', targets(viewer));

const targets = (viewer: Viewer): string[] =>
  viewer.projectId === undefined ? ['*'] : ['*', viewer.projectId];

/** Opens an object to everyone. */
export async function openToAll(
  db: Db,
  object: { type: string; id: string; projectId: string },
  action: RbacAction,
): Promise<void> {
  await db
    .insertInto('network_rbac_policies')
    .values({
      id: newUuid(),
      project_id: object.projectId,
      object_type: object.type,
      object_id: object.id,
      action,
      target_project: '*',
    })
    .onConflict((c) => c.doNothing())
    .execute();
}

/** Takes back what {@link openToAll} gave. */
export async function closeToAll(db: Db, objectId: string, action: RbacAction): Promise<void> {
  await db
    .deleteFrom('network_rbac_policies')
    .where('object_id', '=', objectId)
    .where('action', '=', action)
    .where('target_project', '=', '*')
    .execute();
}

/** The projects an object is opened to by name. */
export async function namedTargets(db: Db, objectId: string, action: RbacAction): Promise<string[]> {
  const rows = await db
    .selectFrom('network_rbac_policies')
    .select('target_project')
    .where('object_id', '=', objectId)
    .where('action', '=', action)
    .where('target_project', '!=', '*')
    .execute();
  return rows.map((row) => row.target_project);
}

/** Whether a policy lets a project, or with `*` everyone, use an object; owning it does not count. */
export async function isOpenTo(db: Db, objectId: string, target: string): Promise<boolean> {
  const row = await db
    .selectFrom('network_rbac_policies')
    .select('id')
    .where('object_id', '=', objectId)
    .where('action', '=', 'access_as_shared')
    .where('target_project', 'in', ['*', target])
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets the policies of an object that goes away. */
export async function removePoliciesOf(db: Db, objectId: string): Promise<void> {
  await db.deleteFrom('network_rbac_policies').where('object_id', '=', objectId).execute();
}

const listing: Listing = {
  table: 'network_rbac_policies',
  alias: 'b',
  columns: { target_tenant: 'b.target_project' },
};

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_rbac_policies as b') as AnyQuery;
  return viewer.admin ? query : query.where('b.project_id', '=', viewer.projectId ?? '');
};

/** The page of policies the viewer made, by id unless sorted. Throws `notFound` when the marker is none of them. */
export async function listRbacPolicies(db: Db, list: ListQuery, viewer: Viewer): Promise<RbacPolicyTable[]> {
  const marker = list.marker === undefined ? undefined : await findRbacPolicy(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw rbacPolicyNotFound(list.marker);
  const narrowed = matching(seenBy(db, viewer), listing, list.filters);
  const rows = await paged(narrowed, listing, list, marker && { ...marker })
    .selectAll('b')
    .execute();
  return inOrder(rows as RbacPolicyTable[], list);
}

/** A policy of the viewer's project, for administrators anyone's. Being its target is not enough. */
export async function findRbacPolicy(
  db: Db,
  id: string,
  viewer: Viewer,
): Promise<RbacPolicyTable | undefined> {
  const row = await seenBy(db, viewer).selectAll('b').where('b.id', '=', id).executeTakeFirst();
  return row as RbacPolicyTable | undefined;
}

/** Inserts a policy unless there is the same one. */
export async function insertRbacPolicy(db: Db, row: RbacPolicyTable): Promise<boolean> {
  const result = await db
    .insertInto('network_rbac_policies')
    .values(row)
    .onConflict((c) => c.columns(['object_id', 'action', 'target_project']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Gives a policy another target. Fails with a unique violation, a conflict, when there is such a policy already. */
export async function retarget(db: Db, id: string, target: string): Promise<void> {
  await db
    .updateTable('network_rbac_policies')
    .set({ target_project: target })
    .where('id', '=', id)
    .execute();
}

/** Deletes a policy; whether it is still needed was checked before. Tolerates absence. */
export async function deleteRbacPolicyRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_rbac_policies').where('id', '=', id).execute();
}

/** All policies about an object that give this. */
export const policiesOf = (db: Db, objectId: string, action: RbacAction): Promise<RbacPolicyTable[]> =>
  db
    .selectFrom('network_rbac_policies')
    .selectAll()
    .where('object_id', '=', objectId)
    .where('action', '=', action)
    .execute();
