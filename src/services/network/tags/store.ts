import type { Db } from '../tables.ts';

/** Ids, or a query that finds them. */
export type Ids = readonly string[] | { toOperationNode(): unknown };

/** As many ids as are quicker named than found again. */
const few = 50;

/** The ids of rows a query answered, or, where they are many, what finds them; that itself names `named` words. */
export const idsOf = (rows: readonly { readonly id: string }[], finding: Ids, named = 0): Ids =>
  rows.length <= Math.max(few, named) ? rows.map(({ id }) => id) : finding;

/** The tags of resources, sorted, by resource id. */
export async function tagsOf(db: Db, ids: Ids): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('network_tags')
    .selectAll()
    .where('resource_id', 'in', ids as readonly string[])
    .orderBy('tag')
    .execute();
  const tags = new Map<string, string[]>();
  for (const { resource_id: id, tag } of rows) {
    const known = tags.get(id);
    if (known) known.push(tag);
    else tags.set(id, [tag]);
  }
  return tags;
}

/** Forgets the tags of a resource that goes away. */
export async function removeTags(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('network_tags').where('resource_id', 'in', ids).execute();
}

/** Adds tags; those that are there already stay. */
export async function addTags(db: Db, id: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  await db
    .insertInto('network_tags')
    .values(tags.map((tag) => ({ resource_id: id, tag })))
    .onConflict((c) => c.doNothing())
    .execute();
}

/** Removes one tag. */
export async function removeTag(db: Db, id: string, tag: string): Promise<void> {
  await db.deleteFrom('network_tags').where('resource_id', '=', id).where('tag', '=', tag).execute();
}
