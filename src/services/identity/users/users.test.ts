import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('users', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
  });
  afterAll(() => cloud.close());

  const create = (user: object) => client.post('/users', { user });
  const names = (answer: { body: { users: { name: string }[] } }) =>
    answer.body.users.map(({ name }) => name).sort();

  test('a user has what it was made with, its own attributes too, and never shows its password', async () => {
    const made = await create({
      name: ' ann ',
      password: 'pw',
      email: 'ann@example.org',
      'a-b:c': 1,
      options: { lock_password: true },
      federated: [],
    });
    expect(made.status).toBe(201);
    const { user } = made.body;
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'ann',
      domain_id: 'default',
      enabled: true,
      password_expires_at: null,
      options: { lock_password: true },
      email: 'ann@example.org',
      a_b_c: 1,
      links: { self: `${client.origin}/v3/users/${user.id}` },
    });
    expect((await client.get(`/users/${user.id}`)).body).toEqual({ user });
    expect((await client.head(`/users/${user.id}`)).status).toBe(200);
  });

  test('names are unique in their domain', async () => {
    await create({ name: 'twice' });
    const again = await create({ name: 'twice' });
    expect(again.status).toBe(409);
    expect(again.body.error.message).toBe(
      'Conflict occurred attempting to store user - Duplicate entry found with name twice at domain ID default.',
    );
    const { domain } = (await client.post('/domains', { domain: { name: 'Other' } })).body;
    expect((await create({ name: 'twice', domain_id: domain.id })).status).toBe(201);
    const { user } = (await create({ name: 'once' })).body;
    expect((await client.patch(`/users/${user.id}`, { user: { name: 'twice' } })).status).toBe(409);
  });

  test('what cannot be is refused', async () => {
    for (const user of [
      {},
      { name: '' },
      { name: ' ' },
      { name: 'x'.repeat(256) },
      { name: 'u', enabled: 'yes' },
      { name: 'u', options: { colour: 'red' } },
      { name: 'u', options: { multi_factor_auth_rules: [[]] } },
      { name: 'u', default_project_id: 'default' },
      { name: 'u', federated: [{ idp_id: 'x', protocols: [{ protocol_id: 'p', unique_id: 'u' }] }] },
    ])
      expect((await create(user)).status).toBe(400);
    expect((await create({ name: 'u', domain_id: 'nowhere' })).status).toBe(404);
    const nameless = await create({ password: 'secret', options: {} });
    expect(nameless.body.error.message).toBe(
      "Invalid input for field/attribute user. Value: {'password': '***', 'options': {}}. 'name' is a required property",
    );
    const secret = await create({ name: 'u', password: ['secret'] });
    expect(secret.status).toBe(400);
    expect(JSON.stringify(secret.body)).not.toContain('[');
  });

  test('an update changes what it names and keeps the rest', async () => {
    const options = { lock_password: true, ignore_password_expiry: true };
    const { user } = (await create({ name: 'bob', email: 'b@x', description: 'Bob', options })).body;
    const change = { description: null, phone: '1', options: { lock_password: null } };
    const changed = await client.patch(`/users/${user.id}`, { user: change });
    expect(changed.body.user).toMatchObject({
      name: 'bob',
      email: 'b@x',
      description: null,
      phone: '1',
      options: { ignore_password_expiry: true },
      extra: { email: 'b@x', description: null, phone: '1' },
    });
    const patch = (fields: object) => client.patch(`/users/${user.id}`, { user: fields });
    expect((await patch({})).status).toBe(400);
    expect((await patch({ id: 'other' })).body.error.message).toBe('Cannot change ID');
    expect((await patch({ domain_id: 'other' })).body.error.message).toBe('Cannot change Domain ID');
    expect((await client.patch('/users/nobody', { user: { name: 'x' } })).status).toBe(404);
  });

  test('lists are filtered, by parts of names too, and paged', async () => {
    const { domain } = (await client.post('/domains', { domain: { name: 'Lists' } })).body;
    for (const name of ['alpha', 'Beta', 'alphabet', 'ab%c'])
      await create({ name, domain_id: domain.id, enabled: name !== 'Beta' });
    const list = (query: string) => client.get(`/users?domain_id=${domain.id}&${query}`);
    expect(names(await list(''))).toEqual(['Beta', 'ab%c', 'alpha', 'alphabet']);
    expect(names(await list('name=alpha'))).toEqual(['alpha']);
    expect(names(await list('enabled=false'))).toEqual(['Beta']);
    expect(names(await list('enabled=1'))).toEqual(['ab%c', 'alpha', 'alphabet']);
    expect(names(await list('name__contains=bet'))).toEqual(['alphabet']);
    expect(names(await list('name__icontains=BET'))).toEqual(['Beta', 'alphabet']);
    expect(names(await list('name__startswith=alp'))).toEqual(['alpha', 'alphabet']);
    expect(names(await list('name__istartswith=b'))).toEqual(['Beta']);
    expect(names(await list('name__endswith=c'))).toEqual(['ab%c']);
    expect(names(await list('name__iendswith=A'))).toEqual(['Beta', 'alpha']);
    expect(names(await list('name__contains=%25'))).toEqual(['ab%c']);
    const seen: string[] = [];
    let next: string | null = `${client.origin}/v3/users?domain_id=${domain.id}&limit=3`;
    while (next !== null) {
      const page = await client.get(next.slice(client.origin.length + 3));
      expect(page.body.users.length).toBeLessThanOrEqual(3);
      expect(page.body.truncated).toBe(page.body.links.next === null ? undefined : true);
      seen.push(...names(page));
      next = page.body.links.next;
    }
    expect(seen.sort()).toEqual(['Beta', 'ab%c', 'alpha', 'alphabet']);
    expect((await list('marker=nobody')).status).toBe(404);
    expect((await list('limit=many')).status).toBe(400);
  });

  test('parts of names are found whatever characters they are of', async () => {
    for (const name of ['Ärmel', '😀 ha']) await create({ name });
    for (const query of ['name__icontains=Ä', 'name__istartswith=Ä', 'name__iendswith=ÄrMEL'])
      expect(names(await client.get(`/users?${query}`))).toEqual(['Ärmel']);
    for (const query of ['name__startswith=😀', 'name__endswith=😀 ha', 'name__contains=😀'])
      expect(names(await client.get(`/users?${query}`))).toEqual(['😀 ha']);
  });

  test('filters for what no user here has leave nobody, but must be well formed', async () => {
    for (const query of ['idp_id=x', 'unique_id=x', 'password_expires_at=lt:2026-01-01T00:00:00Z'])
      expect((await client.get(`/users?${query}`)).body.users).toEqual([]);
    for (const filter of ['soon', 'lt:soon', 'xx:2026-01-01T00:00:00Z'])
      expect((await client.get(`/users?password_expires_at=${filter}`)).status).toBe(400);
  });

  test('whoever knows the old password sets a new one, unless it is locked', async () => {
    const { user } = (await create({ name: 'carl', password: 'old' })).body;
    const change = (id: string, from: string, to: string) =>
      client.post(`/users/${id}/password`, { user: { original_password: from, password: to } }, { as: '' });
    expect((await change(user.id, 'wrong', 'new')).status).toBe(401);
    expect((await change('nobody', 'old', 'new')).status).toBe(401);
    const passwords = { original_password: 'old', password: 'new' };
    const more = await client.post(`/users/${user.id}/password`, { user: { ...passwords, colour: 'red' } });
    expect(more.status).toBe(400);
    expect(more.body.error.message).toMatch(
      /Additional properties are not allowed \('colour' was unexpected\)$/,
    );
    expect(more.body.error.message).not.toMatch(/'(old|new)'/);
    const beside = { user: passwords, colour: 'red' };
    expect((await client.post(`/users/${user.id}/password`, beside)).status).toBe(204);
    cloud.clock.advance(1000);
    await cloud.token({ id: user.id, password: 'new' });
    await client.patch(`/users/${user.id}`, { user: { options: { lock_password: true } } });
    expect((await change(user.id, 'new', 'newer')).status).toBe(400);
    await client.patch(`/users/${user.id}`, { user: { enabled: false } });
    expect((await change(user.id, 'new', 'newer')).status).toBe(401);
  });

  test('a user goes with its assignments, memberships and application credentials', async () => {
    const { user } = (await create({ name: 'dan', password: 'pw' })).body;
    const { group } = (await client.post('/groups', { group: { name: 'team' } })).body;
    const role = (await client.get('/roles?name=reader')).body.roles[0].id;
    const project = (await client.get('/projects?name=admin')).body.projects[0].id;
    await client.put(`/groups/${group.id}/users/${user.id}`);
    await client.put(`/projects/${project}/users/${user.id}/roles/${role}`);
    const token = await cloud.token({ id: user.id, password: 'pw' }, { project: { id: project } });
    const credential = { name: 'robot', access_rules: [{ service: 'compute', method: 'GET', path: '/' }] };
    const made = await client.post(
      `/users/${user.id}/application_credentials`,
      { application_credential: credential },
      { as: token },
    );
    expect(made.status).toBe(201);
    expect((await client.delete(`/users/${user.id}`)).status).toBe(204);
    expect((await client.get(`/users/${user.id}`)).status).toBe(404);
    expect((await client.get(`/groups/${group.id}/users`)).body.users).toEqual([]);
    const left = await client.get(`/role_assignments?user.id=${user.id}`);
    expect(left.body.role_assignments).toEqual([]);
    expect(await cloud.identity.applicationCredentials.list({ userId: user.id })).toEqual([]);
    expect(await cloud.identity.accessRules.list(user.id, {})).toEqual([]);
  });

  test("a user's groups and projects are listed", async () => {
    const { user } = (await create({ name: 'eve', password: 'pw' })).body;
    const { group } = (await client.post('/groups', { group: { name: 'crew' } })).body;
    await client.put(`/groups/${group.id}/users/${user.id}`);
    const groups = await client.get(`/users/${user.id}/groups`);
    expect(groups.body.groups).toEqual([
      expect.objectContaining({ name: 'crew', membership_expires_at: null }),
    ]);
    expect((await client.get(`/users/${user.id}/groups?name=other`)).body.groups).toEqual([]);
    const role = (await client.get('/roles?name=reader')).body.roles[0].id;
    const project = (await client.get('/projects?name=admin')).body.projects[0];
    await client.put(`/projects/${project.id}/groups/${group.id}/roles/${role}`);
    const projects = await client.get(`/users/${user.id}/projects`);
    expect(projects.body.projects).toEqual([project]);
    expect((await client.get(`/users/${user.id}/projects?name__contains=x`)).body.projects).toEqual([]);
    expect((await client.get('/users/nobody/projects')).status).toBe(404);
    const token = await cloud.token({ id: user.id, password: 'pw' });
    expect((await client.get(`/users/${user.id}/projects`, { as: token })).status).toBe(200);
    const scoped = await cloud.token({ id: user.id, password: 'pw' }, { project: { id: project.id } });
    expect((await client.get(`/users/${user.id}/projects`, { as: scoped })).status).toBe(200);
  });
});
