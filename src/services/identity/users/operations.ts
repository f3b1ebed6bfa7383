import type { AnyTransaction } from '#kit/db/database.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { missing, nameTaken, notAuthenticated, refuseDuplicate } from '../errors.ts';
import { normalized } from '../fields.ts';
import { mergeOptions } from '../resource-options.ts';
import { refuseMove, refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import type { UserFields } from './schema.ts';
import type { User } from './store.ts';

/** Makes a user in a domain. Throws `notFound` without the domain, `conflict` when the name is taken there. */
export async function createUser(service: Identity, domainId: string, fields: UserFields): Promise<User> {
  const { name, enabled, options, default_project_id: project, ...rest } = fields;
  const { id: _, domain_id: __, password, federated, ...extra } = rest;
  refuseFederated(federated);
  if (!(await service.projects.find(domainId))?.isDomain) throw missing('domain', domainId);
  await refuseDomainAsProject(service, project);
  const user: User = {
    id: newHexId(),
    name: name!.trim(),
    domainId,
    enabled: enabled ?? true,
    defaultProjectId: project ?? null,
    options: mergeOptions({}, options),
    extra: normalized(extra),
  };
  const hash = password == null ? null : await service.hasher.hash(password);
  await refuseDuplicate(
    service.changes.apply((trx) => service.users.insert(trx, user, hash)),
    () => nameTaken('user', user.name, domainId),
  );
  return user;
}

/** Changes what `fields` name. A new password, and disabling, revoke the user's tokens. */
export async function updateUser(service: Identity, user: User, fields: UserFields): Promise<User> {
  const { id, domain_id: domainId, name, enabled, options, ...rest } = fields;
  const { default_project_id: project, password, federated, ...extra } = rest;
  refuseOtherId(id, user.id);
  refuseMove(domainId, user.domainId);
  refuseFederated(federated);
  await refuseDomainAsProject(service, project);
  const updated: User = {
    id: user.id,
    name: name?.trim() ?? user.name,
    domainId: user.domainId,
    enabled: enabled ?? user.enabled,
    defaultProjectId: project === undefined ? user.defaultProjectId : project,
    options: mergeOptions(user.options, options),
    extra: { ...user.extra, ...extra },
  };
  const hash = typeof password === 'string' ? await service.hasher.hash(password) : null;
  const write = service.changes.apply(async (trx) => {
    await service.users.update(trx, updated);
    if (password !== undefined) await service.users.setPasswordHash(trx, user.id, hash);
    if (password !== undefined || (user.enabled && !updated.enabled))
      await service.revocations.revokeUsers(trx, [user.id]);
  });
  await refuseDuplicate(write, () => nameTaken('user', updated.name, user.domainId));
  return updated;
}

/** Deletes users and all that was theirs, as part of a change. */
export async function removeUsers(
  service: Identity,
  trx: AnyTransaction,
  ids: readonly string[],
): Promise<void> {
  await service.assignments.removeOfActors(trx, 'user', ids);
  await service.applicationCredentials.removeOfUsers(trx, ids);
  await service.accessRules.removeOfUsers(trx, ids);
  await service.users.remove(trx, ids);
  await service.revocations.revokeUsers(trx, ids);
}

/** Lets somebody who knows the old password set a new one. It takes as long for a user who does not exist. */
export async function changePassword(
  service: Identity,
  userId: string,
  passwords: { readonly original_password: string; readonly password: string },
): Promise<void> {
  const user = await service.users.find(userId);
  const hash = await service.users.passwordHash(userId);
  const matches = await service.hasher.verify(passwords.original_password, hash);
  if (!matches || !user?.enabled) throw notAuthenticated();
  if (user.options.lock_password === true) {
    throw badRequest(
      'You cannot change your password at this time due to password policy disallowing password changes. ' +
        'Please contact your administrator to reset your password.',
    );
  }
  const changed = await service.hasher.hash(passwords.password);
  await service.changes.apply(async (trx) => {
    await service.users.setPasswordHash(trx, userId, changed);
    await service.revocations.revokeUsers(trx, [userId]);
  });
}

/** No identity provider is known here, so nobody can be told apart by one. */
function refuseFederated(federated: UserFields['federated']): void {
  const first = federated?.[0];
  if (first) throw badRequest(`Could not find Identity Provider: ${first.idp_id}`);
}

/** A default project need not exist, but it may not be a domain. */
async function refuseDomainAsProject({ projects }: Identity, id: string | null | undefined): Promise<void> {
  if (id && (await projects.find(id))?.isDomain)
    throw badRequest(`User's default project ID cannot be a domain ID: ${id}`);
}
