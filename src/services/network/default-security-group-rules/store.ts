import type { Selectable } from 'kysely';

import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Db, DefaultRuleTable } from '../tables.ts';
import { defaultRuleNotFound } from './errors.ts';

/** A template; the remote group `PARENT` stands for the group that is made from it. */
export type DefaultRuleRow = Selectable<DefaultRuleTable>;

const listing: Listing = { table: 'network_default_security_group_rules', alias: 'r' };

const all = (db: Db): AnyQuery => db.selectFrom('network_default_security_group_rules as r') as AnyQuery;

/** A page of the templates, for whoever asks. Throws `notFound` for a marker that is not there. */
export async function listDefaultRules(db: Db, list: ListQuery): Promise<DefaultRuleRow[]> {
  const marker = list.marker === undefined ? undefined : await findDefaultRule(db, list.marker);
  if (list.marker !== undefined && !marker) throw defaultRuleNotFound(list.marker);
  const page = paged(matching(all(db), listing, list.filters), listing, list, marker && { ...marker });
  return inOrder((await page.selectAll('r').execute()) as DefaultRuleRow[], list);
}

/** A template by id, undefined when there is none. */
export async function findDefaultRule(db: Db, id: string): Promise<DefaultRuleRow | undefined> {
  return (await all(db).selectAll('r').where('r.id', '=', id).executeTakeFirst()) as
    | DefaultRuleRow
    | undefined;
}

/** Inserts a template. No index keeps the same one out: who inserts looks for it first. */
export async function insertDefaultRule(db: Db, row: DefaultRuleTable): Promise<void> {
  await db.insertInto('network_default_security_group_rules').values(row).execute();
}

/** Deletes a template, or nothing; the rules of groups that were made from it stay. */
export async function deleteDefaultRule(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_default_security_group_rules').where('id', '=', id).execute();
}
