import { newHexId } from '#kit/ids/ids.ts';

import { systemTarget } from './assignments/store.ts';
import type { Interface } from './endpoints/store.ts';
import type { Identity } from './service.ts';

/** What a new cloud starts with. */
export interface Bootstrap {
  readonly adminPassword: string;
  readonly region: string;
  readonly endpoints: readonly {
    readonly type: string;
    readonly name: string;
    readonly publicUrl: string;
    readonly internalUrl: string;
    readonly adminUrl: string;
  }[];
}

const defaultDomain = 'default';
const roleNames = ['admin', 'manager', 'member', 'reader', 'service'] as const;
const chain = [
  ['admin', 'manager'],
  ['manager', 'member'],
  ['member', 'reader'],
] as const;

/**
 * Makes what every cloud needs, like `keystone-manage bootstrap`: the domain `default`, the project and user `admin`, the
 * roles and what they imply, and the catalog. What is there is left alone, but the user `admin` is enabled and given the
 * password, and endpoints get their URLs.
 */
export async function bootstrap(identity: Identity, wanted: Bootstrap): Promise<void> {
  await ensureDomain(identity);
  const projectId = await ensureProject(identity);
  const userId = await ensureAdmin(identity, wanted.adminPassword);
  const roles = await ensureRoles(identity);
  await identity.changes.apply(async (trx) => {
    const actor = { type: 'user', id: userId } as const;
    for (const target of [{ type: 'project', id: projectId } as const, systemTarget])
      await identity.assignments.insert(trx, {
        actor,
        target,
        roleId: roles.get('admin')!,
        inherited: false,
      });
  });
  if (!(await identity.regions.find(wanted.region))) {
    await identity.regions.insert({ id: wanted.region, description: '', parentRegionId: null, extra: {} });
  }
  for (const endpoints of wanted.endpoints) await ensureEndpoints(identity, wanted.region, endpoints);
}

async function ensureDomain({ projects, changes }: Identity): Promise<void> {
  if (await projects.find(defaultDomain)) return;
  await changes.apply((trx) =>
    projects.insert(trx, {
      id: defaultDomain,
      name: 'Default',
      domainId: null,
      parentId: null,
      isDomain: true,
      description: 'The default domain',
      enabled: true,
      options: {},
      extra: {},
      tags: [],
    }),
  );
}

async function ensureProject({ projects, changes }: Identity): Promise<string> {
  const found = await projects.findByName(defaultDomain, 'admin');
  if (found) return found.id;
  const id = newHexId();
  await changes.apply((trx) =>
    projects.insert(trx, {
      id,
      name: 'admin',
      domainId: defaultDomain,
      parentId: defaultDomain,
      isDomain: false,
      description: 'Bootstrap project for initializing the cloud.',
      enabled: true,
      options: {},
      extra: {},
      tags: [],
    }),
  );
  return id;
}

async function ensureAdmin(identity: Identity, password: string): Promise<string> {
  const { users, hasher, changes } = identity;
  const found = await users.findByName(defaultDomain, 'admin');
  if (!found) {
    const id = newHexId();
    const hash = await hasher.hash(password);
    const admin = { id, name: 'admin', domainId: defaultDomain, enabled: true, defaultProjectId: null };
    await changes.apply((trx) => users.insert(trx, { ...admin, options: {}, extra: {} }, hash));
    return id;
  }
  const matches = await hasher.verify(password, await users.passwordHash(found.id));
  const hash = matches ? undefined : await hasher.hash(password);
  if (!found.enabled || hash !== undefined) {
    await changes.apply(async (trx) => {
      await users.update(trx, { ...found, enabled: true });
      if (hash === undefined) return;
      await users.setPasswordHash(trx, found.id, hash);
      await identity.revocations.revokeUsers(trx, [found.id]);
    });
  }
  return found.id;
}

/** The ids of the roles, by name. */
async function ensureRoles({ roles, changes }: Identity): Promise<Map<string, string>> {
  const ids = new Map((await roles.list({ domainId: null })).map((role) => [role.name, role.id]));
  const implied = new Set(
    (await roles.implications()).map(({ priorRoleId, impliedRoleId }) => `${priorRoleId} ${impliedRoleId}`),
  );
  await changes.apply(async (trx) => {
    for (const name of roleNames.filter((wanted) => !ids.has(wanted))) {
      const id = newHexId();
      ids.set(name, id);
      const options = { immutable: true };
      await roles.insert(trx, { id, name, domainId: null, description: null, options, extra: {} });
    }
    for (const [prior, next] of chain) {
      const implication = { priorRoleId: ids.get(prior)!, impliedRoleId: ids.get(next)! };
      if (!implied.has(`${implication.priorRoleId} ${implication.impliedRoleId}`))
        await roles.imply(trx, implication);
    }
  });
  return ids;
}

async function ensureEndpoints(
  { services, endpoints, changes }: Identity,
  region: string,
  wanted: Bootstrap['endpoints'][number],
): Promise<void> {
  const { type, name } = wanted;
  const service = (await services.list({ type }))[0];
  const serviceId = service?.id ?? newHexId();
  const there = service ? await endpoints.list({ serviceId, regionIds: [region] }) : [];
  const urls: Record<Interface, string> = {
    public: wanted.publicUrl,
    internal: wanted.internalUrl,
    admin: wanted.adminUrl,
  };
  await changes.apply(async (trx) => {
    if (!service) await services.insert(trx, { id: serviceId, type, name, enabled: true, extra: {} });
    for (const [face, url] of Object.entries(urls) as [Interface, string][]) {
      const found = there.find((endpoint) => endpoint.interface === face);
      if (found) await endpoints.update(trx, { ...found, url });
      else {
        const made = { id: newHexId(), serviceId, interface: face, regionId: region, url, enabled: true };
        await endpoints.insert(trx, { ...made, extra: {} });
      }
    }
  });
}
