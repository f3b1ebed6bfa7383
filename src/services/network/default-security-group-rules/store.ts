import type { Selectable } from 'kysely';

import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Db, DefaultRuleTable } from '../tables.ts';
import { defaultRuleNotFound } from './errors.ts';

export type DefaultRuleRow = Selectable<DefaultRuleTable>;

const listing: Listing = { table: 'network_default_security_group_rules', alias: 'r' };

const all = (db: Db): AnyQuery => db.selectFrom('network_default_security_group_rules as r') as AnyQuery;

export async function listDefaultRules(db: Db, list: ListQuery): Promise<DefaultRuleRow[]> {
  const marker = list.marker === undefined ? undefined : await findDefaultRule(db, list.marker);
  if (list.marker !== undefined && !marker) throw defaultRuleNotFound(list.marker);
  const page = paged(matching(all(db), listing, list.filters), listing, list, marker && { ...marker });
  return inOrder((await page.selectAll('r').execute()) as DefaultRuleRow[], list);
}

export async function findDefaultRule(db: Db, id: string): Promise<DefaultRuleRow | undefined> {
  return (await all(db).selectAll('r').where('r.id', '=', id).executeTakeFirst()) as
    | DefaultRuleRow
    | undefined;
}

export async function insertDefaultRule(db: Db, row: DefaultRuleTable): Promise<void> {
  await db.insertInto('network_default_security_group_rules').values(row).execute();
}

export async function deleteDefaultRule(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_default_security_group_rules').where('id', '=', id).execute();
}
