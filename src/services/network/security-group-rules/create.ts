import { newUuid } from '#kit/ids/ids.ts';

import { addressGroupNotFound } from '../address-groups/errors.ts';
import { findAddressGroup } from '../address-groups/store.ts';
import { securityGroupNotFound } from '../errors.ts';
import type { Created } from '../resource/attribute.ts';
import { bump } from '../resource/revision.ts';
import type { Viewer } from '../resource/viewer.ts';
import { bareGroups, groupsOfProject } from '../security-groups/store.ts';
import type { Work } from '../work.ts';
import { duplicateRule, notOneGroup, notOneProject, ruleExists } from './errors.ts';
import { checkedRule, fingerprint } from './match.ts';
import type { ruleAttributes } from './schema.ts';
import { deleteRuleRow, insertRule, type RuleRow } from './store.ts';

type NewRule = Created<typeof ruleAttributes>;

/**
 * Adds a rule to a group and answers its id; the group counts as changed. Throws `ruleExists` when the group has the
 * same one, `notFound` for a group or remote side the rule's project may not use.
 */
export async function createRule(work: Work, given: NewRule, viewer: Viewer): Promise<string> {
  const { security_group_id: groupId, project_id: projectId, description, ...match } = given;
  const rule = checkedRule(match);
  await requireGroup(work, groupId, projectId, viewer);
  if (rule.remote_group_id !== null) await requireGroup(work, rule.remote_group_id, projectId, viewer);
  if (rule.remote_address_group_id !== null)
    await requireAddressGroup(work, rule.remote_address_group_id, projectId, viewer);
  await bump(work, 'network_security_groups', groupId, securityGroupNotFound);
  const id = newUuid();
  const existing = await insertRule(work.db, {
    ...rule,
    id,
    project_id: projectId,
    security_group_id: groupId,
    description,
    fingerprint: fingerprint(rule),
    created_at: work.now,
    updated_at: work.now,
    revision_number: 0,
  });
  if (existing !== undefined) throw ruleExists(existing);
  work.touch('securityGroup', groupId);
  return id;
}

async function requireGroup(work: Work, id: string, projectId: string, viewer: Viewer): Promise<void> {
  const found = viewer.admin
    ? await bareGroups(work.db, [id])
    : await groupsOfProject(work.db, [id], projectId);
  if (found.length === 0) throw securityGroupNotFound(id);
}

async function requireAddressGroup(work: Work, id: string, projectId: string, viewer: Viewer): Promise<void> {
  const owner = { projectId, admin: viewer.admin };
  if (!(await findAddressGroup(work.db, id, owner))) throw addressGroupNotFound(id);
}

/** Rules made at once must be of one group and one project, and differ. */
export function checkTogether(rules: readonly NewRule[]): void {
  if (new Set(rules.map((rule) => rule.security_group_id)).size > 1) throw notOneGroup();
  if (new Set(rules.map((rule) => rule.project_id)).size > 1) throw notOneProject();
  const fingerprints = rules.map((rule) => fingerprint(checkedRule(rule)));
  if (new Set(fingerprints).size < rules.length) throw duplicateRule();
}

/** Removes a rule; its group counts as changed. */
export async function removeRule(work: Work, rule: RuleRow): Promise<void> {
  await bump(work, 'network_security_groups', rule.security_group_id, securityGroupNotFound);
  await deleteRuleRow(work.db, rule.id);
  work.touch('securityGroup', rule.security_group_id);
}
