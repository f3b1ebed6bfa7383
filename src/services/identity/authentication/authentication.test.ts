import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { adminPassword, serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

const password = 'pw';

describeEachEngine('authentication', (databases) => {
  let cloud: ServedIdentity;
  let user: { id: string; password: string };
  let project: string;
  let domain: string;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    user = { id: await create('users', { name: 'ann', password }), password };
    project = await create('projects', { name: 'web' });
    domain = await create('domains', { name: 'Sales' });
    await grant(`/projects/${project}/users/${user.id}`, 'member');
    await grant(`/domains/${domain}/users/${user.id}`, 'reader');
    await grant(`/system/users/${user.id}`, 'reader');
  });
  afterAll(() => cloud.close());

  const create = async (collection: string, fields: object): Promise<string> => {
    const key = collection.slice(0, -1);
    const made = await cloud.client.post(`/${collection}`, { [key]: fields });
    expect(made.status).toBe(201);
    return made.body[key].id as string;
  };
  const roleId = async (name: string): Promise<string> =>
    (await cloud.client.get(`/roles?name=${name}`)).body.roles[0].id;
  const grant = async (path: string, role: string) =>
    expect((await cloud.client.put(`${path}/roles/${await roleId(role)}`)).status).toBe(204);
  const show = (token: string, query = '') =>
    cloud.client.get(`/auth/tokens${query}`, { headers: { 'x-subject-token': token } });
  const byToken = (id: string, scope?: unknown) =>
    cloud.authenticate({
      identity: { methods: ['token'], token: { id } },
      ...(scope !== undefined && { scope }),
    });
  const textOf = (answer: { headers: Headers }) => answer.headers.get('x-subject-token')!;
  const rolesIn = (token: { roles: { name: string }[] }) => token.roles.map((r) => r.name).sort();

  test('a token is for a project, a domain, the system or nothing', async () => {
    const scoped = async (scope?: unknown) => (await show(await cloud.token(user, scope))).body.token;
    const inProject = await scoped({ project: { id: project } });
    expect(inProject.project).toMatchObject({ id: project, domain: { id: 'default' } });
    expect(rolesIn(inProject)).toEqual(['member', 'reader']);
    const inDomain = await scoped({ domain: { name: 'Sales' } });
    expect(inDomain.domain).toEqual({ id: domain, name: 'Sales' });
    expect(rolesIn(inDomain)).toEqual(['reader']);
    expect(inDomain.catalog).toBeDefined();
    const onSystem = await scoped({ system: { all: true } });
    expect(onSystem.system).toEqual({ all: true });
    for (const unscoped of [await scoped(), await scoped('unscoped'), await scoped({ unscoped: {} })]) {
      expect(Object.keys(unscoped).sort()).toEqual(
        ['audit_ids', 'expires_at', 'issued_at', 'methods', 'user'].sort(),
      );
    }
    expect(
      (await show(await cloud.token(user, { project: { id: project } }), '?nocatalog')).body.token,
    ).not.toHaveProperty('catalog');
  });

  test('a default project is the scope when there is none, as long as it may be', async () => {
    const fields = { name: 'dora', password, default_project_id: project };
    const dora = { id: await create('users', fields), password };
    expect((await show(await cloud.token(dora))).body.token).not.toHaveProperty('project');
    await grant(`/projects/${project}/users/${dora.id}`, 'reader');
    expect((await show(await cloud.token(dora))).body.token.project.id).toBe(project);
    expect((await show(await cloud.token(dora, 'unscoped'))).body.token).not.toHaveProperty('project');
    await cloud.client.patch(`/projects/${project}`, { project: { enabled: false } });
    expect((await show(await cloud.token(dora))).body.token).not.toHaveProperty('project');
    await cloud.client.patch(`/projects/${project}`, { project: { enabled: true } });
  });

  test('a token makes another with another scope, that ends when it does and names it in its audit ids', async () => {
    const first = await cloud.token(user);
    const old = (await show(first)).body.token;
    cloud.clock.advance(5000);
    const second = await byToken(first, { project: { id: project } });
    expect(second.status).toBe(201);
    expect(second.body.token.methods).toEqual(['token', 'password']);
    expect(second.body.token.expires_at).toBe(old.expires_at);
    expect(second.body.token.audit_ids).toEqual([expect.any(String), old.audit_ids[0]]);
    const third = await byToken(textOf(second), { domain: { id: domain } });
    expect(third.body.token.audit_ids[1]).toBe(old.audit_ids[0]);
    expect((await show(textOf(third))).body.token.methods).toEqual(['token', 'password']);
  });

  test("the system's token does not open projects or domains", async () => {
    const token = await cloud.token(user, { system: { all: true } });
    for (const scope of [{ project: { id: project } }, { domain: { id: domain } }]) {
      const answer = await byToken(token, scope);
      expect(answer.status).toBe(403);
      expect(answer.body.error.message).toMatch(/^You are not authorized .* system-scoped token/);
    }
    expect((await byToken(token, { system: { all: true } })).status).toBe(201);
    expect((await byToken(token)).status).toBe(201);
  });

  test('a made-up token is not found, and proves nothing', async () => {
    expect((await show('gAAAAAB')).status).toBe(404);
    expect((await byToken('gAAAAAB')).status).toBe(404);
    const asCaller = await cloud.client.get('/auth/projects', { as: 'gAAAAAB' });
    expect(asCaller.status).toBe(401);
    expect((await cloud.client.get('/auth/tokens')).body.error.message).toBe('No token in the request');
  });

  test('several methods must all succeed, for one user', async () => {
    const token = await cloud.token(user);
    const both = (id: string, secret: string) => ({
      identity: {
        methods: ['password', 'token'],
        password: { user: { id, password: secret } },
        token: { id: token },
      },
    });
    expect((await cloud.authenticate(both(user.id, password))).status).toBe(201);
    expect((await cloud.authenticate(both(user.id, 'wrong'))).status).toBe(401);
    const other = await create('users', { name: 'otto', password });
    expect((await cloud.authenticate(both(other, password))).status).toBe(401);
  });

  test('multi-factor rules ask for all methods of one of them', async () => {
    const rules = [['password', 'token'], ['application_credential']];
    const options = { multi_factor_auth_rules: rules };
    const mia = { id: await create('users', { name: 'mia', password }), password };
    const token = await cloud.token(mia);
    cloud.clock.advance(1000);
    await cloud.client.patch(`/users/${mia.id}`, { user: { options } });
    const identity = { methods: ['password'], password: { user: mia } };
    const alone = await cloud.authenticate({ identity });
    expect(alone.status).toBe(401);
    expect(alone.body.error.message).toContain('Insufficient auth methods');
    const both = { ...identity, methods: ['password', 'token'], token: { id: token } };
    expect((await cloud.authenticate({ identity: both })).status).toBe(201);
    await cloud.client.patch(`/users/${mia.id}`, {
      user: { options: { multi_factor_auth_enabled: false } },
    });
    expect((await cloud.authenticate({ identity })).status).toBe(201);
  });

  test('a disabled user, project or domain is shut out, and let in again when enabled', async () => {
    const hanna = { id: await create('users', { name: 'hanna', password, domain_id: domain }), password };
    const shop = await create('projects', { name: 'shop', domain_id: domain });
    await grant(`/projects/${shop}/users/${hanna.id}`, 'member');
    const scope = { project: { id: shop } };
    const identity = { methods: ['password'], password: { user: hanna } };
    for (const [path, key] of [
      [`/projects/${shop}`, 'project'],
      [`/users/${hanna.id}`, 'user'],
      [`/domains/${domain}`, 'domain'],
    ] as const) {
      cloud.clock.advance(1000);
      const token = await cloud.token(hanna, scope);
      await cloud.client.patch(path, { [key]: { enabled: false } });
      expect((await cloud.authenticate({ identity, scope })).status).toBe(401);
      expect((await show(token)).status).toBe(404);
      expect((await cloud.client.get('/auth/projects', { as: token })).status).toBe(401);
      cloud.clock.advance(1000);
      await cloud.client.patch(path, { [key]: { enabled: true } });
      expect((await cloud.authenticate({ identity, scope })).status).toBe(201);
    }
  });

  test('what one may scope to is listed', async () => {
    const token = await cloud.token(user);
    const names = (answer: { body: Record<string, { name: string }[]> }, key: string) =>
      answer.body[key]!.map(({ name }) => name);
    expect(names(await cloud.client.get('/auth/projects', { as: token }), 'projects')).toEqual(['web']);
    expect(names(await cloud.client.get('/auth/domains', { as: token }), 'domains')).toEqual(['Sales']);
    const system = await cloud.client.get('/auth/system', { as: token });
    expect(system.body.system).toEqual([{ all: true }]);
    expect((await cloud.client.get('/auth/catalog', { as: token })).status).toBe(403);
    const scoped = await cloud.token(user, { project: { id: project } });
    const catalog = await cloud.client.get('/auth/catalog', { as: scoped });
    expect(catalog.body.catalog[0].type).toBe('identity');
    expect(catalog.body.links.self).toBe(`${cloud.client.origin}/v3/auth/catalog`);
    const nobody = await cloud.token({ id: await create('users', { name: 'nina', password }), password });
    expect((await cloud.client.get('/auth/system', { as: nobody })).body.system).toEqual([]);
  });

  test("the administrator's own password still works", async () => {
    const admin = { name: 'admin', domain: { id: 'default' }, password: adminPassword };
    const identity = { methods: ['password'], password: { user: admin } };
    expect((await cloud.authenticate({ identity })).status).toBe(201);
  });
});
