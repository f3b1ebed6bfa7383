import { type Selectable, sql } from 'kysely';

import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import type { ListQuery } from '../resource/query.ts';
import type { Viewer } from '../resource/viewer.ts';
import type { Db, SecurityGroupRuleTable } from '../tables.ts';
import type { Ids } from '../tags/store.ts';
import { ruleNotFound } from './errors.ts';

/** A rule with what its representation and its policies need. */
export interface RuleRow extends Selectable<SecurityGroupRuleTable> {
  readonly group_project_id: string;
  readonly belongs_to_default_sg: number;
}

const isDefault = sql<number>`case when d.project_id is null then 0 else 1 end`;

const listing: Listing = {
  table: 'network_security_group_rules',
  alias: 'r',
  filters: {
    belongs_to_default_sg: (query, values) => query.where(isDefault, 'in', values.map(Number)),
  },
};

const all = (db: Db): AnyQuery =>
  db
    .selectFrom('network_security_group_rules as r')
    .innerJoin('network_security_groups as g', 'g.id', 'r.security_group_id')
    .leftJoin(
      'network_default_security_groups as d',
      'd.security_group_id',
      'r.security_group_id',
    ) as AnyQuery;

/** The rules of a viewer's groups. */
const seenBy = (db: Db, viewer: Viewer): AnyQuery =>
  viewer.admin ? all(db) : all(db).where('g.project_id', '=', viewer.projectId ?? '');

const load = async (query: AnyQuery): Promise<RuleRow[]> =>
  (await query
    .selectAll('r')
    .select(['g.project_id as group_project_id'])
    .select(isDefault.as('belongs_to_default_sg'))
    .execute()) as RuleRow[];

/**
 * The page of rules of a viewer's own groups, not of groups shared with them. Throws `notFound` for a marker not
 * among them.
 */
export async function listRules(db: Db, list: ListQuery, viewer: Viewer): Promise<RuleRow[]> {
  const marker = list.marker === undefined ? undefined : await findRule(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw ruleNotFound(list.marker);
  const narrowed = matching(seenBy(db, viewer), listing, list.filters);
  return inOrder(await load(paged(narrowed, listing, list, marker && { ...marker })), list);
}

/** A rule of a group of the viewer's project, undefined otherwise; administrators find any. */
export async function findRule(db: Db, id: string, viewer: Viewer): Promise<RuleRow | undefined> {
  const [found] = await load(seenBy(db, viewer).where('r.id', '=', id));
  return found;
}

/** The rules of groups, oldest first. */
export const rulesOf = (db: Db, groups: Ids): Promise<RuleRow[]> =>
  load(
    all(db)
      .where('r.security_group_id', 'in', groups as readonly string[])
      .orderBy('r.created_at')
      .orderBy('r.id'),
  );

/** Inserts a rule unless its group has the same one; answers the id of that one. */
export async function insertRule(db: Db, row: SecurityGroupRuleTable): Promise<string | undefined> {
  const result = await db
    .insertInto('network_security_group_rules')
    .values(row)
    .onConflict((c) => c.columns(['security_group_id', 'fingerprint']).doNothing())
    .executeTakeFirst();
  if ((result.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined;
  const same = await db
    .selectFrom('network_security_group_rules')
    .select('id')
    .where('security_group_id', '=', row.security_group_id)
    .where('fingerprint', '=', row.fingerprint)
    .executeTakeFirst();
  return same?.id ?? row.id;
}

/** Deletes a rule, or nothing when it has gone with a group meanwhile. */
export async function deleteRuleRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_security_group_rules').where('id', '=', id).execute();
}

/** The groups with rules that let members of this group in. */
export async function groupsReferringTo(db: Db, groupId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_security_group_rules')
    .select('security_group_id')
    .distinct()
    .where('remote_group_id', '=', groupId)
    .execute();
  return rows.map((row) => row.security_group_id);
}
