import { bit } from '#kit/db/columns.ts';

import { removePoliciesOf } from '../rbac-policies/store.ts';
import type { Updated } from '../resource/attribute.ts';
import type { Viewer } from '../resource/viewer.ts';
import { groupsReferringTo } from '../security-group-rules/store.ts';
import { removeTags } from '../tags/store.ts';
import type { Work } from '../work.ts';
import { defaultNotRemovable, defaultNotRenamable, groupInUse } from './errors.ts';
import type { groupAttributes } from './schema.ts';
import { deleteGroupRow, type GroupRow, portsInGroup, updateGroupRow } from './store.ts';

/**
 * Changes a group. Throws `defaultNotRenamable` for a name of the default one, `groupInUse` when one that ports are
 * in is to become stateful or stateless.
 */
export async function updateGroup(
  work: Work,
  group: GroupRow,
  changes: Updated<typeof groupAttributes>,
): Promise<void> {
  const { name, description, stateful } = changes;
  if (group.name === 'default' && name !== undefined) throw defaultNotRenamable();
  if (stateful !== undefined && bit(stateful) !== group.stateful) {
    if ((await portsInGroup(work.db, group.id)).length > 0) throw groupInUse(group.id);
    work.touch('securityGroup', group.id);
  }
  await updateGroupRow(work.db, group.id, {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(stateful !== undefined && { stateful: bit(stateful) }),
  });
}

/**
 * Removes a group with its rules, and those of other groups about its members. Throws `groupInUse` while ports are in
 * it, `defaultNotRemovable` for a default one unless an administrator asks.
 */
export async function removeGroup(work: Work, group: GroupRow, viewer: Viewer): Promise<void> {
  if ((await portsInGroup(work.db, group.id)).length > 0) throw groupInUse(group.id);
  if (group.name === 'default' && !viewer.admin) throw defaultNotRemovable();
  // their rules that let this group's members in go with it
  work.touch('securityGroup', group.id, ...(await groupsReferringTo(work.db, group.id)));
  await removeTags(work.db, [group.id]);
  await removePoliciesOf(work.db, group.id);
  await deleteGroupRow(work.db, group.id);
}
