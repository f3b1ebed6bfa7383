import type { Credentials } from '#kit/auth/credentials.ts';
import { identityApi } from '#services/identity/api.ts';
import { bootstrap } from '#services/identity/bootstrap.ts';
import { idOfAccessKey } from '#services/identity/credentials/operations.ts';
import { type Identity } from '#services/identity/service.ts';

import { newIdentity } from '../../support/identity.ts';
import { temporaryDatabase } from '../temporary.ts';
import { type AuthzWorld, type Owner, ownerIds, owners, paramsOf, type Subject } from '../world.ts';

const trustee = 'trustee-user';

const domainOf: Readonly<Record<Owner, string>> = { a: 'default', b: '0123456789abcdef0123456789abcdef' };

/** Identity with owners in two domains: what one may of the other is a matter of domains, too. */
export const identitySubject: Subject = { api: identityApi, build };

/** Owner a's things are in the default domain, to which all personas belong; owner b's are in another. */
async function build(): Promise<AuthzWorld> {
  const { database, remove } = await temporaryDatabase();
  const { identity, removeKeys } = await newIdentity(database);
  const url = 'http://127.0.0.1:5000/v3';
  await bootstrap(identity, {
    adminPassword: 'secret',
    region: 'RegionOne',
    endpoints: [{ type: 'identity', name: 'keystone', publicUrl: url, internalUrl: url, adminUrl: url }],
  });
  await makeThings(identity);
  const [service] = await identity.services.list({});
  const [endpoint] = await identity.endpoints.list({});
  const roles = new Map((await identity.roles.list({})).map((role) => [role.name, role.id]));
  const tokens = { a: await tokenOf(identity, 'a'), b: await tokenOf(identity, 'b') };
  return {
    service: identity,
    ask: ({ path }, owner) => ({
      params: {
        user_id: ownerIds[owner].user,
        group_id: `group-${owner}`,
        project_id: ownerIds[owner].project,
        domain_id: domainOf[owner],
        role_id: roles.get('member')!,
        prior_role_id: roles.get('member')!,
        implied_role_id: roles.get('reader')!,
        application_credential_id: `credential-${owner}`,
        access_rule_id: `rule-${owner}`,
        service_id: service!.id,
        endpoint_id: endpoint!.id,
        region_id: 'RegionOne',
        value: 'tag',
        trust_id: `trust-${owner}`,
        // the OS-EC2 API names a credential by its access key
        credential_id: path.includes('OS-EC2') ? `key-${owner}` : idOfAccessKey(`key-${owner}`),
        consumer_id: 'consumer',
        request_token_id: `request-${owner}`,
        access_token_id: `access-${owner}`,
        policy_id: 'policy',
        endpoint_group_id: 'endpoints',
        registered_limit_id: 'cores',
        limit_id: `limit-${owner}`,
        group: 'ldap',
        option: path.includes('security_compliance') ? 'password_regex' : 'url',
      },
      ...(path === '/OS-TRUST/trusts' && { query: `trustor_user_id=${ownerIds[owner].user}` }),
      headers: { 'x-subject-token': tokens[owner] },
    }),
    target: ({ method, path }, owner, caller) => {
      const domain = domainOf[owner];
      const { user, project } = ownerIds[owner];
      const named = new Set(paramsOf(path));
      // what a collection is asked for, or gets, is taken to be in the domain the caller's token is for
      const at = (name: string) =>
        named.has(name) ? domain : named.size === 0 ? caller.domainId : undefined;
      return withoutUndefined({
        user_id: user,
        'target.token.user_id': user,
        'target.user.id': user,
        // a trust is made for oneself
        'target.trust.trustor_user_id': method === 'POST' ? caller.userId : user,
        'target.trust.trustee_user_id': trustee,
        'target.credential.user_id': path === '/credentials' ? ownUser(caller, method) : user,
        'target.user.domain_id': at('user_id'),
        'target.group.domain_id': at('group_id'),
        'target.limit.project_id': project,
        'target.limit.project.domain_id': domain,
        'target.project.id': named.has('project_id') ? project : undefined,
        'target.project.domain_id': at('project_id') ?? null,
        'target.domain.id': at('domain_id'),
        'target.domain_id': caller.domainId,
        'target.role.name': named.has('role_id') ? 'member' : undefined,
        'target.role.domain_id': named.has('role_id') ? null : undefined,
      });
    },
    async close() {
      removeKeys();
      await remove();
    },
  };
}

async function makeThings(identity: Identity): Promise<void> {
  const { projects, users, groups, accessRules, applicationCredentials, assignments, trusts, credentials } =
    identity;
  const member = (await identity.roles.list({ name: 'member' }))[0]!.id;
  const nothing = { options: {}, extra: {} };
  const made = { description: null, enabled: true, tags: [], ...nothing };
  await identity.changes.apply(async (trx) => {
    const domain = { name: 'Elsewhere', domainId: null, parentId: null, isDomain: true };
    await projects.insert(trx, { id: domainOf.b, ...domain, ...made });
    const helper = { name: trustee, domainId: domainOf.a, enabled: true, defaultProjectId: null };
    const all = { description: null, filters: { interface: 'public' } };
    await identity.endpointGroups.insert(trx, { id: 'endpoints', name: 'endpoints', ...all });
    await identity.policies.insert(trx, { id: 'policy', type: 'text/plain', blob: '', extra: {} });
    await users.insert(trx, { id: trustee, ...helper, ...nothing }, null);
    for (const owner of owners) {
      const domainId = domainOf[owner];
      const { user, project } = ownerIds[owner];
      const place = { domainId, parentId: domainId, isDomain: false };
      await projects.insert(trx, { id: project, name: project, ...place, ...made, tags: ['tag'] });
      const person = { name: user, domainId, enabled: true, defaultProjectId: null };
      await users.insert(trx, { id: user, ...person, ...nothing }, null);
      const group = { id: `group-${owner}`, name: 'group', domainId, description: null, extra: {} };
      await groups.insert(trx, group);
      await groups.addMember(trx, group.id, user);
      const rule = { id: `rule-${owner}`, userId: user, service: 'compute', path: '/', method: 'GET' };
      await accessRules.insert(trx, rule);
      const credential = { id: `credential-${owner}`, name: 'robot', userId: user, projectId: project };
      const limits = { description: null, expiresAtMicros: null, unrestricted: false };
      const carried = { roleIds: [member], accessRules: [] };
      await applicationCredentials.insert(trx, { ...credential, ...limits, ...carried }, 'no hash');
      const uses = { remainingUses: null, redelegatedTrustId: null, redelegationCount: 0, extra: {} };
      const trust = { id: `trust-${owner}`, trustorId: user, trusteeId: trustee, projectId: project };
      const leave = { impersonation: false, expiresAtMicros: null, roleIds: [member] };
      await trusts.insert(trx, { ...trust, ...leave, ...uses });
      const kept = { userId: user, projectId: project, type: 'ec2', extra: {} };
      const blob = JSON.stringify({ access: `key-${owner}` });
      await credentials.insert(trx, { id: idOfAccessKey(`key-${owner}`), blob, ...kept });
      const actor = { type: 'user', id: user } as const;
      const target = { type: 'project', id: project } as const;
      await assignments.insert(trx, { actor, target, roleId: member, inherited: false });
      const url = { group: 'ldap', option: 'url', value: 'ldap://nowhere' };
      await identity.domainConfigs.set(trx, domainId, [url]);
    }
  });
  await makeLimits(identity);
  await makeGrants(identity, member);
}

/** What a consumer of OAuth has asked for, and what it was granted. */
async function makeGrants({ changes, oauthConsumers, oauthTokens }: Identity, role: string): Promise<void> {
  const consumerId = 'consumer';
  await changes.apply(async (trx) => {
    await oauthConsumers.insert(trx, { id: consumerId, description: null, secret: 'secret', extra: {} });
    for (const owner of owners) {
      const { user, project } = ownerIds[owner];
      const asked = { consumerId, projectId: project, secret: 'secret', expiresAt: null };
      const ungranted = { ...asked, verifier: null, userId: null, roleIds: [] };
      await oauthTokens.insertRequest(trx, { id: `request-${owner}`, ...ungranted }, 0);
      await oauthTokens.insertRequest(trx, { id: `used-${owner}`, ...ungranted }, 0);
      const access = { id: `access-${owner}`, ...asked, userId: user, roleIds: [role] };
      await oauthTokens.exchange(trx, `used-${owner}`, access);
    }
  });
}

async function makeLimits({ changes, services, registeredLimits, limits }: Identity): Promise<void> {
  const serviceId = (await services.list({}))[0]!.id;
  const cores = { id: 'cores', serviceId, regionId: null, resourceName: 'cores', defaultLimit: 9 };
  const kept = { registeredLimitId: cores.id, resourceLimit: 5, description: null };
  await changes.apply(async (trx) => {
    await registeredLimits.insert(trx, [{ ...cores, description: null }]);
    const each = owners.map((owner) => ({ id: `limit-${owner}`, ownerId: ownerIds[owner].project, ...kept }));
    await limits.insert(trx, each);
  });
}

async function tokenOf(identity: Identity, owner: Owner): Promise<string> {
  const { user, project } = ownerIds[owner];
  const scope = { kind: 'project', id: project } as const;
  return (await identity.tokens.issue({ userId: user, methods: ['password'], scope })).text;
}

/** One makes and lists one's own credentials, but a token for the system lists all. */
const ownUser = (caller: Credentials, method: string) =>
  method === 'GET' && caller.system ? undefined : caller.userId;

const withoutUndefined = (target: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
