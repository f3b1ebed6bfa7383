import type { AnyTransaction } from '#kit/db/database.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import { newHexId, newSecret } from '#kit/ids/ids.ts';

import type { AccessRule } from '../access-rules/store.ts';
import { expecting, missing, nameTaken, refuseDangling, refuseDuplicate } from '../errors.ts';
import { parseExpiry } from '../expiry.ts';
import { uniqueRole } from '../roles/operations.ts';
import type { Identity } from '../service.ts';
import type { Token } from '../tokens/token.ts';
import type { AccessRuleFields, ApplicationCredentialFields, RoleReference } from './schema.ts';
import type { ApplicationCredential } from './store.ts';

const secretBytes = 64;

/** A new application credential, and its secret, which nobody can be told again. */
export interface Made {
  readonly credential: ApplicationCredential;
  readonly secret: string;
}

/**
 * Makes an application credential for the user and project of a token, with no role the token does not have. Throws
 * `badRequest` for a token of no project, such a role or an end that is over, `conflict` when the user has one of the
 * name.
 */
export async function createApplicationCredential(
  service: Identity,
  token: Token,
  fields: ApplicationCredentialFields,
): Promise<Made> {
  if (token.scope.kind !== 'project') throw expecting('project', 'token');
  const secret = fields.secret || newSecret(secretBytes);
  const wanted: ApplicationCredential = {
    id: newHexId(),
    name: fields.name,
    userId: token.user.id,
    projectId: token.scope.project.id,
    description: fields.description ?? null,
    expiresAtMicros: fields.expires_at ? parseExpiry(fields.expires_at, service.clock.now()) : null,
    unrestricted: fields.unrestricted ?? false,
    roleIds: (await rolesOf(service, token, fields.roles)).toSorted(),
    accessRules: (fields.access_rules ?? []).map((rule) => accessRuleOf(rule, token.user.id)),
  };
  const hash = await service.hasher.hash(secret);
  const write = service.changes.apply(async (trx) => {
    const accessRules = await ensureAccessRules(service, trx, wanted.accessRules);
    const credential = { ...wanted, accessRules };
    await service.applicationCredentials.insert(trx, credential, hash);
    return credential;
  });
  const credential = await refuseDangling(
    refuseDuplicate(write, () => nameTaken('application_credential', wanted.name, null)),
    () => missing('user', token.user.id),
  );
  return { credential, secret };
}

/** The roles asked for and all they imply; all of the token's when none are named. */
async function rolesOf(
  service: Identity,
  token: Token,
  asked: readonly RoleReference[] | undefined,
): Promise<string[]> {
  const held = token.roles.map(({ id }) => id);
  if (!asked?.length) return held;
  const graph = await service.roleGraph.get();
  const ids: string[] = [];
  for (const { id, name } of asked) ids.push(id ?? (await uniqueRole(service, name!)));
  const roles = [...new Set([...ids, ...graph.closure(ids).map(({ id }) => id)])];
  if (roles.some((id) => !held.includes(id))) {
    throw badRequest(
      'Invalid application credential: Cannot create an application credential with unassigned role',
    );
  }
  return roles;
}

/** A rule as given: by the id of one there is, or in full. */
const accessRuleOf = ({ id, service, path, method }: AccessRuleFields, userId: string): AccessRule => ({
  id: id ?? '',
  userId,
  service: service ?? '',
  path: path ?? '',
  method: method ?? '',
});

/** The user's rules that are meant; those that are not there yet are made. */
async function ensureAccessRules(
  { accessRules }: Identity,
  trx: AnyTransaction,
  wanted: readonly AccessRule[],
): Promise<AccessRule[]> {
  if (wanted.length === 0) return [];
  const there = await accessRules.list(wanted[0]!.userId, {}, trx);
  const rules: AccessRule[] = [];
  for (const rule of wanted) {
    let found = [...there, ...rules].find((other) =>
      rule.service ? sameRule(rule, other) : other.id === rule.id,
    );
    if (!found) {
      if (!rule.service || !rule.path || !rule.method)
        throw rule.id
          ? missing('Access Rule', rule.id)
          : expecting('service, path and method', 'access_rules');
      found = { ...rule, id: newHexId() };
      await accessRules.insert(trx, found);
    }
    if (!rules.includes(found)) rules.push(found);
  }
  return rules;
}

const sameRule = (one: AccessRule, other: AccessRule): boolean =>
  one.service === other.service && one.path === other.path && one.method === other.method;
