import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('application credentials', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  let project: string;
  let user: string;
  let as: string;
  let path: string;
  const role: Record<string, string> = {};
  let count = 0;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
    project = (await client.post('/projects', { project: { name: 'web' } })).body.project.id;
    for (const { name, id } of (await client.get('/roles')).body.roles) role[name] = id;
  });
  beforeEach(async () => {
    user = (await client.post('/users', { user: { name: `u${++count}`, password: 'pw' } })).body.user.id;
    await client.put(`/projects/${project}/users/${user}/roles/${role.member}`);
    as = await cloud.token({ id: user, password: 'pw' }, { project: { id: project } });
    path = `/users/${user}/application_credentials`;
  });
  afterAll(() => cloud.close());

  const create = (credential: object, caller = as) =>
    client.post(path, { application_credential: { name: 'robot', ...credential } }, { as: caller });
  const make = async (credential: object) => {
    const made = await create(credential);
    expect(made.status).toBe(201);
    return made.body.application_credential as { id: string; secret: string; [key: string]: unknown };
  };
  const login = (application_credential: object, scope?: object) =>
    cloud.authenticate({
      identity: { methods: ['application_credential'], application_credential },
      ...(scope && { scope }),
    });
  const tokenOf = async (credential: { id: string; secret: string }) => {
    const answer = await login({ id: credential.id, secret: credential.secret });
    expect(answer.status).toBe(201);
    return answer.headers.get('x-subject-token')!;
  };
  const names = (roles: { name: string }[]) => roles.map(({ name }) => name).sort();

  test('one is made with all roles of its maker, and its secret is told once', async () => {
    const made = await make({ description: 'CI' });
    expect(made).toEqual({
      id: expect.any(String),
      name: 'robot',
      secret: expect.stringMatching(/^[\w-]{86}$/),
      description: 'CI',
      user_id: user,
      project_id: project,
      system: null,
      expires_at: null,
      unrestricted: false,
      roles: expect.any(Array),
      links: { self: `${client.origin}/v3${path}/${made.id}` },
    });
    expect(names(made.roles as { name: string }[])).toEqual(['member', 'reader']);
    const { secret: _, ...shown } = made;
    expect((await client.get(`${path}/${made.id}`, { as })).body).toEqual({ application_credential: shown });
    expect((await client.get(`${path}?name=robot`, { as })).body.application_credentials).toEqual([shown]);
    expect((await client.get(`${path}?name=other`, { as })).body.application_credentials).toEqual([]);
    expect((await create({})).status).toBe(409);
    const stored = await cloud.identity.applicationCredentials.secretHash(made.id);
    expect(stored).toMatch(/^\$2b\$/);
  });

  test('a role brings all it implies', async () => {
    await client.put(`/projects/${project}/users/${user}/roles/${role.manager}`);
    const again = await cloud.token({ id: user, password: 'pw' }, { project: { id: project } });
    const made = await create({ roles: [{ id: role.manager }] }, again);
    expect(names(made.body.application_credential.roles)).toEqual(['manager', 'member', 'reader']);
  });

  test('it logs in by id or by name, to its project and nowhere else', async () => {
    const { id, secret } = await make({ secret: 'mine', roles: [{ name: 'reader' }] });
    const answer = await login({ id, secret });
    expect(answer.body.token).toMatchObject({
      methods: ['application_credential'],
      project: { id: project },
      application_credential: { id, name: 'robot', restricted: true },
    });
    expect(names(answer.body.token.roles)).toEqual(['reader']);
    const token = answer.headers.get('x-subject-token')!;
    const shown = await client.get('/auth/tokens', { headers: { 'x-subject-token': token } });
    expect(shown.body).toEqual(answer.body);
    expect((await login({ name: 'robot', user: { id: user }, secret })).status).toBe(201);
    const named = { name: `u${count}`, domain: { id: 'default' } };
    expect((await login({ name: 'robot', user: named, secret })).status).toBe(201);
    for (const wrong of [{ id, secret: 'wrong' }, { id }, { name: 'none', user: named, secret }])
      expect((await login(wrong)).status).toBe(401);
    const unknown = await login({ id: 'none', secret });
    expect(unknown.status).toBe(404);
    expect(unknown.body.error.message).toBe('Could not find Application Credential: none.');
    expect((await login({ name: 'robot', secret })).status).toBe(400);
    expect((await login({ secret })).status).toBe(400);
    expect((await login({ id, secret }, { project: { id: project } })).status).toBe(401);
  });

  test('a token made from its token stays within its bounds', async () => {
    const { id, secret } = await make({ roles: [{ id: role.reader }] });
    const token = await tokenOf({ id, secret });
    const byToken = (scope?: object | string) =>
      cloud.authenticate({ identity: { methods: ['token'], token: { id: token } }, ...(scope && { scope }) });
    for (const scope of [{ project: { id: project } }, { unscoped: {} }, 'unscoped'])
      expect((await byToken(scope)).status).toBe(403);
    const made = (await byToken()).body.token;
    expect(made.application_credential.id).toBe(id);
    expect(names(made.roles)).toEqual(['reader']);
  });

  test('it has no role that its maker does not have, or has no longer', async () => {
    expect((await create({ roles: [{ name: 'admin' }] })).body.error.message).toBe(
      'Invalid application credential: Cannot create an application credential with unassigned role',
    );
    expect((await create({ roles: [{ name: 'unheard of' }] })).status).toBe(404);
    expect((await create({ roles: [{ id: 'x', name: 'y' }] })).status).toBe(400);
    const made = await make({});
    const token = await tokenOf(made);
    await client.put(`/projects/${project}/users/${user}/roles/${role.reader}`);
    await client.delete(`/projects/${project}/users/${user}/roles/${role.member}`);
    const shown = await client.get('/auth/tokens', { headers: { 'x-subject-token': token } });
    expect(names(shown.body.token.roles)).toEqual(['reader']);
    await client.delete(`/projects/${project}/users/${user}/roles/${role.reader}`);
    expect((await client.get('/auth/projects', { as: token })).status).toBe(401);
    expect((await login({ id: made.id, secret: made.secret })).status).toBe(401);
  });

  test('it ends when it is told to, and its tokens no later', async () => {
    const expires = new Date(cloud.clock.now() + 600_000).toISOString().slice(0, 19);
    for (const expires_at of ['2255-12-31T23:59:59.123457', '9999-12-31T23:59:59.999999']) {
      const { id, secret } = await make({ name: expires_at, expires_at });
      const path = `/users/${user}/application_credentials`;
      const shown = await client.get(`${path}/${id}`);
      expect(shown.body.application_credential.expires_at).toBe(expires_at);
      expect((await client.get(`${path}?name=${expires_at}`)).body.application_credentials).toHaveLength(1);
      expect((await login({ id, secret })).status).toBe(201);
    }
    const made = await make({ expires_at: `${expires}.123456` });
    expect(made.expires_at).toBe(`${expires}.123456`);
    const answer = await login({ id: made.id, secret: made.secret });
    expect(Date.parse(answer.body.token.expires_at)).toBe(Date.parse(`${expires}.123Z`));
    cloud.clock.advance(601_000);
    expect((await login({ id: made.id, secret: made.secret })).status).toBe(401);
    for (const past of ['2020-01-01T00:00:00Z', 'soon'])
      expect((await create({ name: 'late', expires_at: past })).status).toBe(400);
  });

  test('it manages others only when it is unrestricted', async () => {
    const tame = await tokenOf(await make({}));
    expect((await create({ name: 'child' }, tame)).status).toBe(403);
    const wild = await make({ name: 'wild', unrestricted: true });
    const token = await tokenOf(wild);
    const child = await create({ name: 'child' }, token);
    expect(child.status).toBe(201);
    const itsPath = `${path}/${child.body.application_credential.id}`;
    expect((await client.delete(itsPath, { as: tame })).status).toBe(403);
    expect((await client.delete(itsPath, { as: token })).status).toBe(204);
    expect((await client.get(itsPath, { as: token })).status).toBe(404);
  });

  test('nobody makes one for another, or sees that of another', async () => {
    const { id } = await make({});
    const other = (await client.post('/users', { user: { name: `x${count}`, password: 'pw' } })).body.user.id;
    await client.put(`/projects/${project}/users/${other}/roles/${role.member}`);
    const stranger = await cloud.token({ id: other, password: 'pw' }, { project: { id: project } });
    expect((await create({ name: 'theirs' }, stranger)).status).toBe(403);
    expect((await create({ name: 'theirs' }, cloud.admin)).status).toBe(403);
    for (const caller of [`/users/${user}`, `/users/${other}`])
      expect((await client.get(`${caller}/application_credentials/${id}`, { as: stranger })).status).toBe(
        403,
      );
    expect((await client.delete(`${path}/${id}`, { as: stranger })).status).toBe(403);
    expect((await client.delete(`${path}/${id}`)).status).toBe(204);
  });

  test('access rules are all it may do, at every service', async () => {
    const rule = { service: 'identity', method: 'GET', path: '/v3/auth/projects' };
    const made = await make({ access_rules: [rule] });
    expect(made.access_rules).toEqual([{ id: expect.any(String), ...rule }]);
    const token = await tokenOf(made);
    expect((await client.get('/auth/projects', { as: token })).status).toBe(200);
    expect((await client.head('/auth/projects', { as: token })).status).toBe(401);
    expect((await client.get('/regions', { as: token })).status).toBe(401);
    const look = (headers: Record<string, string>) =>
      client.get('/auth/tokens', { headers: { 'x-subject-token': token, ...headers } });
    // a service that does not know access rules is not told that the token is good
    expect((await look({})).status).toBe(404);
    const shown = await look({ 'openstack-identity-access-rules': '1.0' });
    expect(shown.body.token.application_credential.access_rules).toEqual(made.access_rules);
  });

  test('access rules belong to the user, are used again, and are kept while they are used', async () => {
    const rule = { service: 'compute', method: 'GET', path: '/v2.1/servers' };
    const first = await make({ access_rules: [rule] });
    const [{ id }] = first.access_rules as [{ id: string }];
    const second = await make({ name: 'second', access_rules: [rule] });
    expect(second.access_rules).toEqual([{ id, ...rule }]);
    const third = await make({ name: 'third', access_rules: [{ id }] });
    expect(third.access_rules).toEqual([{ id, ...rule }]);
    const rules = `/users/${user}/access_rules`;
    const shown = { id, ...rule, links: { self: `${client.origin}/v3/access_rules/${id}` } };
    expect((await client.get(rules, { as })).body.access_rules).toEqual([shown]);
    expect((await client.get(`${rules}?method=POST`, { as })).body.access_rules).toEqual([]);
    expect((await client.get(`${rules}/${id}`, { as })).body).toEqual({ access_rule: shown });
    expect((await client.delete(`${rules}/${id}`, { as })).status).toBe(403);
    for (const { id: used } of [first, second, third]) await client.delete(`${path}/${used}`, { as });
    expect((await client.delete(`${rules}/${id}`, { as })).status).toBe(204);
    expect((await client.get(`${rules}/${id}`, { as })).status).toBe(404);
    for (const bad of [{ id: 'unknown' }, { service: 'compute' }, { ...rule, method: 'TRACE' }])
      expect((await create({ name: 'bad', access_rules: [bad] })).status).toBeGreaterThanOrEqual(400);
  });
});
