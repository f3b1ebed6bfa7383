import { bit } from '#kit/db/columns.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { reserve } from '../quotas/store.ts';
import { fingerprint } from '../security-group-rules/match.ts';
import { insertRule } from '../security-group-rules/store.ts';
import type { Work } from '../work.ts';
import { defaultGroupOf, deleteGroupRow, insertGroup, markDefault, startingRules } from './store.ts';

interface NewGroup {
  readonly projectId: string;
  readonly name: string;
  readonly description: string;
  readonly stateful: boolean;
}

/**
 * Makes a group with the rules new groups start with, and the project's default one before it. Answers its id. Throws
 * `overQuota` when the rules exceed what the project may have.
 */
export async function createGroup(work: Work, group: NewGroup): Promise<string> {
  await ensureDefaultGroup(work, group.projectId);
  return insertWithRules(work, group, 'used_in_non_default_sg');
}

/** The id of a project's default group, which is made when it is missing. */
export async function ensureDefaultGroup(work: Work, projectId: string): Promise<string> {
  const existing = await defaultGroupOf(work.db, projectId);
  if (existing !== undefined) return existing;
  const group = { projectId, name: 'default', description: 'Default security group', stateful: true };
  const id = await insertWithRules(work, group, 'used_in_default_sg');
  if (await markDefault(work.db, projectId, id)) return id;
  // another control process made one at the same moment: theirs it is
  await deleteGroupRow(work.db, id);
  return (await defaultGroupOf(work.db, projectId))!;
}

async function insertWithRules(
  work: Work,
  group: NewGroup,
  use: 'used_in_default_sg' | 'used_in_non_default_sg',
): Promise<string> {
  const id = newUuid();
  const standard = { created_at: work.now, updated_at: work.now, revision_number: 1 };
  await insertGroup(work.db, {
    id,
    project_id: group.projectId,
    name: group.name,
    description: group.description,
    stateful: bit(group.stateful),
    ...standard,
  });
  const templates = await startingRules(work.db, use);
  await reserve(work, 'security_group_rule', group.projectId, templates.length);
  for (const { used_in_default_sg: _, used_in_non_default_sg: __, ...template } of templates) {
    const remote = template.remote_group_id === 'PARENT' ? id : template.remote_group_id;
    const rule = { ...template, remote_group_id: remote };
    await insertRule(work.db, {
      ...rule,
      id: newUuid(),
      description: '',
      project_id: group.projectId,
      security_group_id: id,
      fingerprint: fingerprint(rule),
      ...standard,
      revision_number: 0,
    });
  }
  work.touch('securityGroup', id);
  return id;
}
