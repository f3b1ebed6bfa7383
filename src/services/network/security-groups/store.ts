import type { Selectable } from 'kysely';

import { securityGroupNotFound } from '../errors.ts';
import { openTo, sharedBit, sharedFilter } from '../rbac-policies/store.ts';
import { type AnyQuery, inOrder, type Listing, matching, paged } from '../resource/listing.ts';
import { filteredBy, type ListQuery } from '../resource/query.ts';
import { everything, type Viewer } from '../resource/viewer.ts';
import { type RuleRow, rulesOf } from '../security-group-rules/store.ts';
import type { Db, DefaultRuleTable, SecurityGroupTable } from '../tables.ts';
import { type Ids, idsOf, tagsOf } from '../tags/store.ts';

/** A group with its rules, seen by someone. */
export interface GroupRow extends Selectable<SecurityGroupTable> {
  /** Whether it is shared with the viewer. */
  readonly shared: number;
  readonly rules: readonly RuleRow[];
  readonly tags: readonly string[];
}

const listing = (viewer: Viewer): Listing => ({
  table: 'network_security_groups',
  alias: 'g',
  filters: { shared: sharedFilter('g.id', viewer) },
});

const seenBy = (db: Db, viewer: Viewer): AnyQuery => {
  const query = db.selectFrom('network_security_groups as g') as AnyQuery;
  if (viewer.admin) return query;
  return query.where((eb) =>
    eb.or([
      eb('g.project_id', '=', viewer.projectId ?? ''),
      eb('g.id', 'in', openTo(eb, 'security_group', viewer)),
    ]),
  );
};

/**
 * The page of groups a viewer owns or was given, with their rules, oldest first. Throws `notFound` for a marker they
 * do not see.
 */
export async function listGroups(db: Db, list: ListQuery, viewer: Viewer): Promise<GroupRow[]> {
  const marker = list.marker === undefined ? undefined : await findGroup(db, list.marker, viewer);
  if (list.marker !== undefined && !marker) throw securityGroupNotFound(list.marker);
  const how = listing(viewer);
  const page = paged(matching(seenBy(db, viewer), how, list.filters), how, list, marker && { ...marker });
  return inOrder(await load(db, page, viewer, page.select('g.id')), list);
}

/** A group the viewer owns or was given, undefined otherwise; administrators find any. */
export async function findGroup(db: Db, id: string, viewer: Viewer): Promise<GroupRow | undefined> {
  const [found] = await load(db, seenBy(db, viewer).where('g.id', '=', id), viewer, [id]);
  return found;
}

/** Groups by id, whoever's they are. */
export const groupsById = (db: Db, ids: readonly string[]): Promise<GroupRow[]> =>
  ids.length === 0 ? Promise.resolve([]) : listGroups(db, filteredBy({ id: ids }), everything);

async function load(db: Db, query: AnyQuery, viewer: Viewer, finding: Ids): Promise<GroupRow[]> {
  const rows = (await query
    .selectAll('g')
    .select((eb) => sharedBit(eb, 'g.id', viewer).as('shared'))
    .execute()) as Omit<GroupRow, 'rules' | 'tags'>[];
  if (rows.length === 0) return [];
  const ids = idsOf(rows, finding);
  const rules = new Map<string, RuleRow[]>(rows.map((row) => [row.id, []]));
  for (const rule of await rulesOf(db, ids)) rules.get(rule.security_group_id)?.push(rule);
  const tags = await tagsOf(db, ids);
  return rows.map((row) => ({ ...row, rules: rules.get(row.id) ?? [], tags: tags.get(row.id) ?? [] }));
}

/** The bare rows of these groups that a project owns or was given. */
export async function groupsOfProject(
  db: Db,
  ids: readonly string[],
  projectId: string,
): Promise<Selectable<SecurityGroupTable>[]> {
  const viewer = { projectId, admin: false };
  return (await seenBy(db, viewer)
    .selectAll('g')
    .where('g.id', 'in', ids)
    .execute()) as Selectable<SecurityGroupTable>[];
}

/** The bare rows of these groups, whoever's they are: without rules and tags, for checks. */
export const bareGroups = (db: Db, ids: readonly string[]): Promise<Selectable<SecurityGroupTable>[]> =>
  db.selectFrom('network_security_groups').selectAll().where('id', 'in', ids).execute();

/** Inserts a group. Names need not be unique; which one is a project's default is noted by {@link markDefault}. */
export async function insertGroup(db: Db, row: SecurityGroupTable): Promise<void> {
  await db.insertInto('network_security_groups').values(row).execute();
}

/** Sets these columns, nothing when there are none. The revision is counted up before, by `bump`. */
export async function updateGroupRow(db: Db, id: string, row: Partial<SecurityGroupTable>): Promise<void> {
  if (Object.keys(row).length > 0)
    await db.updateTable('network_security_groups').set(row).where('id', '=', id).execute();
}

/** Deletes a group with its rules, and the rules of others that refer to it. */
export async function deleteGroupRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('network_security_groups').where('id', '=', id).execute();
}

/** The ids of the ports in a group, whoever's they are. */
export async function portsInGroup(db: Db, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('network_port_security_groups')
    .select('port_id')
    .where('security_group_id', '=', id)
    .execute();
  return rows.map((row) => row.port_id);
}

/** The id of the group marked as a project's default, undefined while it has none. */
export async function defaultGroupOf(db: Db, projectId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('network_default_security_groups')
    .select('security_group_id')
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row?.security_group_id;
}

/** Makes a group its project's default; false when another was quicker. */
export async function markDefault(db: Db, projectId: string, groupId: string): Promise<boolean> {
  const result = await db
    .insertInto('network_default_security_groups')
    .values({ project_id: projectId, security_group_id: groupId })
    .onConflict((c) => c.column('project_id').doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The templates of the rules that default groups, or all others, start with. */
export const startingRules = (
  db: Db,
  use: 'used_in_default_sg' | 'used_in_non_default_sg',
): Promise<Selectable<DefaultRuleTable>[]> =>
  db.selectFrom('network_default_security_group_rules').selectAll().where(use, '=', 1).execute();
