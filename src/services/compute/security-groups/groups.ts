import { badRequest } from '#kit/errors/cloud-error.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

import { type AskingCall, askPeer, segment } from '../peers/ask.ts';
import { type GroupNames, type GroupOnWire, incomingRules } from './view.ts';

/** Throws `badRequest` unless `id` could be a group's or a rule's. */
export function requireGroupId(id: string): void {
  if (!isUuidLike(id)) throw badRequest('Security group id should be uuid');
}

/** A group of the caller's. Throws `notFound` in Network's words. */
export async function findGroup(call: AskingCall, id: string): Promise<GroupOnWire> {
  const path = `/v2.0/security-groups/${segment(id)}`;
  return (await askPeer<{ security_group: GroupOnWire }>(call, 'network', 'GET', path)).security_group;
}

/** Groups the caller sees that match all of `filter`. */
export async function listGroups(call: AskingCall, filter: [string, string][]): Promise<GroupOnWire[]> {
  const query = new URLSearchParams(filter);
  const path = `/v2.0/security-groups?${query}`;
  return (await askPeer<{ security_groups: GroupOnWire[] }>(call, 'network', 'GET', path)).security_groups;
}

/** These groups and all that their rules speak of, in one more question at most. */
export async function namesFor(call: AskingCall, groups: readonly GroupOnWire[]): Promise<GroupNames> {
  const names = new Map<string, GroupOnWire>(groups.map((group) => [group.id, group]));
  const others = new Set<string>();
  for (const { remote_group_id: id } of groups.flatMap(incomingRules)) {
    if (id !== null && !names.has(id)) others.add(id);
  }
  if (others.size === 0) return names;
  const found = await listGroups(call, [
    ...[...others].map((id): [string, string] => ['id', id]),
    ['fields', 'id'],
    ['fields', 'name'],
    ['fields', 'project_id'],
  ]);
  for (const group of found) names.set(group.id, group);
  return names;
}
