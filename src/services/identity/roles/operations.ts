import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { nameTaken, refuseDuplicate } from '../errors.ts';
import { normalized } from '../fields.ts';
import { requireDomain } from '../projects/operations.ts';
import { mergeOptions, refuseImmutableDelete, refuseImmutableUpdate } from '../resource-options.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import type { RoleFields } from './schema.ts';
import type { Role } from './store.ts';

/**
 * Makes a role, global or of a domain. Throws `notFound` without the domain, `conflict` when the name is taken there.
 */
export async function createRole(service: Identity, fields: RoleFields): Promise<Role> {
  const { id: _, name, domain_id: domainId, description, options, ...extra } = fields;
  if (domainId) await requireDomain(service, domainId);
  const role: Role = {
    id: newHexId(),
    name: name!,
    domainId: domainId ?? null,
    description: description ?? null,
    options: mergeOptions({}, options),
    extra: normalized(extra),
  };
  await refuseDuplicate(
    service.changes.apply((trx) => service.roles.insert(trx, role)),
    () => nameTaken('role', role.name, role.domainId),
  );
  return role;
}

/** Changes what `fields` name. Throws `forbidden` for an immutable role, `conflict` when the name is taken. */
export async function updateRole(service: Identity, role: Role, fields: RoleFields): Promise<Role> {
  const { id, name, domain_id: domainId, description, options, ...extra } = fields;
  refuseOtherId(id, role.id);
  refuseImmutableUpdate('role', role, fields);
  if (domainId !== undefined && domainId !== role.domainId)
    throw badRequest('Update of `domain_id` is not allowed.');
  const updated: Role = {
    ...role,
    name: name ?? role.name,
    description: description === undefined ? role.description : description,
    options: mergeOptions(role.options, options),
    extra: { ...role.extra, ...extra },
  };
  await refuseDuplicate(
    service.changes.apply((trx) => service.roles.update(trx, updated)),
    () => nameTaken('role', updated.name, role.domainId),
  );
  return updated;
}

/** Deletes a role everywhere, and the application credentials of whoever had it on a project. */
export async function deleteRole(service: Identity, role: Role): Promise<void> {
  refuseImmutableDelete('role', role);
  await service.changes.apply(async (trx) => {
    const assignments = await service.assignments.list({ roleId: role.id }, trx);
    for (const { actor, target } of assignments) {
      if (actor.type === 'user' && target.type === 'project')
        await service.applicationCredentials.removeOfUserInProject(trx, actor.id, target.id);
    }
    await service.roles.remove(trx, [role.id]);
  });
}

/** The id of the one role of a name, among global and domains' own. Throws `notFound`, or `badRequest` for several. */
export async function uniqueRole({ roles }: Identity, name: string): Promise<string> {
  const found = await roles.list({ name });
  if (found.length === 0) throw notFound(`Role ${name} is not defined`);
  if (found.length > 1) {
    throw badRequest(
      `There are multiple role entities named '${name}'. Please use ID instead of names to resolve the ambiguity.`,
    );
  }
  return found[0]!.id;
}
