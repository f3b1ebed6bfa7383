import type { AnyTransaction } from '#kit/db/database.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { missing, nameTaken, refuseDuplicate } from '../errors.ts';
import { normalized } from '../fields.ts';
import { refuseMove, refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import type { GroupFields } from './schema.ts';
import type { Group } from './store.ts';

/** Makes a group in a domain. Throws `notFound` without the domain, `conflict` when the name is taken there. */
export async function createGroup(service: Identity, domainId: string, fields: GroupFields): Promise<Group> {
  const { id: _, domain_id: __, name, description, ...extra } = fields;
  if (!(await service.projects.find(domainId))?.isDomain) throw missing('domain', domainId);
  const group: Group = {
    id: newHexId(),
    name: name!.trim(),
    domainId,
    description: description === undefined ? '' : description,
    extra: normalized(extra),
  };
  await refuseDuplicate(
    service.changes.apply((trx) => service.groups.insert(trx, group)),
    () => nameTaken('group', group.name, domainId),
  );
  return group;
}

/** Changes what `fields` name. Throws `conflict` when the name is taken, `badRequest` for another domain. */
export async function updateGroup(service: Identity, group: Group, fields: GroupFields): Promise<Group> {
  const { id, domain_id: domainId, name, description, ...extra } = fields;
  refuseOtherId(id, group.id);
  refuseMove(domainId, group.domainId);
  const updated: Group = {
    ...group,
    name: name?.trim() ?? group.name,
    description: description === undefined ? group.description : description,
    extra: { ...group.extra, ...extra },
  };
  await refuseDuplicate(
    service.changes.apply((trx) => service.groups.update(trx, updated)),
    () => nameTaken('group', updated.name, group.domainId),
  );
  return updated;
}

/** Deletes groups, as part of a change. Their members' tokens are revoked where the group had any role. */
export async function removeGroups(
  service: Identity,
  trx: AnyTransaction,
  ids: readonly string[],
): Promise<void> {
  const members = await service.groups.members(ids, trx);
  const actors = ids.map((id) => ({ type: 'group', id }) as const);
  const assigned = await service.assignments.list({ actors }, trx);
  const withRoles = new Set(assigned.map(({ actor }) => actor.id));
  const affected = new Set([...withRoles].flatMap((id) => members.get(id) ?? []));
  await service.assignments.removeOfActors(trx, 'group', ids);
  await service.groups.remove(trx, ids);
  await service.revocations.revokeUsers(trx, [...affected]);
}
