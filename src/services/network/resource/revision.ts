import { changedOne } from '#kit/db/columns.ts';
import { type CloudError, preconditionFailed } from '#kit/errors/cloud-error.ts';

import type { Db } from '../tables.ts';
import type { Work } from '../work.ts';
import type { StandardTable } from './noun.ts';

/**
 * Counts a resource's revision up. Every change begins with this: it locks the row against other writers, and refuses
 * when the caller insists on a revision that is no longer current.
 */
export async function bump(
  work: Work,
  table: StandardTable,
  id: string,
  notFound: (id: string) => CloudError,
  expected?: number,
): Promise<void> {
  let query = work.db
    .updateTable(table)
    .set((eb) => ({ revision_number: eb('revision_number', '+', 1), updated_at: work.now }))
    .where('id', '=', id);
  if (expected !== undefined) query = query.where('revision_number', '=', expected);
  if (changedOne(await query.executeTakeFirst())) return;
  const current = await revisionOf(work.db, table, id);
  if (current === undefined) throw notFound(id);
  throw preconditionFailed(`Constrained to ${expected}, but current revision is ${current}`, {
    type: 'RevisionNumberConstraintFailed',
  });
}

async function revisionOf(db: Db, table: StandardTable, id: string): Promise<number | undefined> {
  const row = await db.selectFrom(table).select('revision_number').where('id', '=', id).executeTakeFirst();
  return row?.revision_number;
}
