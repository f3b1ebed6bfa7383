import { forbidden } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { forbiddenAction, missing, refuseDangling, refuseDuplicate, clash } from '../errors.ts';
import { parseExpiry } from '../expiry.ts';
import { requireProject } from '../projects/operations.ts';
import { uniqueRole } from '../roles/operations.ts';
import type { Identity } from '../service.ts';
import { livingTrust } from './living.ts';
import { pedigreeOf, redelegationCount, refuseBeyond } from './redelegation.ts';
import type { TrustFields } from './schema.ts';
import type { Trust } from './store.ts';

/** A trust that is not over. Throws `notFound`, or `forbidden` when those it was made from no longer allow it. */
export async function requireTrust(service: Identity, id: string): Promise<Trust> {
  const trust = await livingTrust(service.trusts, id, service.clock.now());
  if (!trust || trust.remainingUses === 0) throw missing('trust', id);
  const line = await pedigreeOf(service.trusts, trust);
  for (const [i, parent] of line.slice(1).entries()) {
    refuseBeyond(parent, line[i]!);
    if (!(await service.users.find(parent.trusteeId))?.enabled)
      throw forbidden('You are not authorized to perform the requested action.');
  }
  return trust;
}

/**
 * Makes a trust of a user's. `parentId` is the trust by whose token it is asked for. Throws `notFound` for roles the
 * trustor does not have, `forbidden` for what goes beyond that trust, `conflict` for a second one with the same end.
 */
export async function createTrust(
  service: Identity,
  fields: TrustFields,
  parentId: string | undefined,
): Promise<Trust> {
  const { id: _, trustor_user_id: trustorId, trustee_user_id: trusteeId, impersonation, ...rest } = fields;
  const { project_id: projectId, expires_at: end, roles, remaining_uses: uses, ...more } = rest;
  const { allow_redelegation: __, redelegation_count: ___, ...extra } = more;
  if (projectId && !roles?.length) throw forbiddenAction('At least one role should be specified');
  if (!(await service.users.find(trusteeId))) throw missing('user', trusteeId);
  const parent = parentId === undefined ? undefined : await requireTrust(service, parentId);
  const roleIds: string[] = [];
  for (const { id, name } of roles ?? []) roleIds.push(id ?? (await uniqueRole(service, name!)));
  await requireRoles(service, trustorId, projectId, roleIds);
  const given = end ? parseExpiry(end, service.clock.now()) : null;
  const trust: Trust = {
    id: newHexId(),
    trustorId,
    trusteeId,
    projectId: projectId ?? null,
    impersonation,
    expiresAtMicros: given ?? parent?.expiresAtMicros ?? null,
    remainingUses: uses ?? null,
    redelegatedTrustId: parent?.id ?? null,
    redelegationCount: redelegationCount(fields, parent),
    roleIds: [...new Set(roleIds)],
    extra,
  };
  if (parent) for (const above of await pedigreeOf(service.trusts, parent)) refuseBeyond(above, trust);
  const write = service.changes.apply((trx) => service.trusts.insert(trx, trust));
  await refuseDangling(
    refuseDuplicate(write, () => clash('trust', 'Duplicate entry')),
    () => missing('user', trusteeId),
  );
  return trust;
}

/** Nobody hands on a role that is not had. */
async function requireRoles(
  service: Identity,
  userId: string,
  projectId: string | null | undefined,
  roleIds: readonly string[],
): Promise<void> {
  if (roleIds.length === 0) return;
  const held = projectId
    ? await service.effectiveRoles.allOnProject(userId, await requireProject(service, projectId))
    : [];
  const lacking = roleIds.find((id) => !held.some((role) => role.id === id));
  if (lacking !== undefined) throw missing('role', lacking);
}
