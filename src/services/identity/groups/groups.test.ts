import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('groups', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
  });
  afterAll(() => cloud.close());

  const create = (group: object) => client.post('/groups', { group });
  const newUser = async (name: string): Promise<string> =>
    (await client.post('/users', { user: { name } })).body.user.id;

  test('a group is made, shown, changed and deleted', async () => {
    const made = await create({ name: 'team', colour: 'red' });
    expect(made.status).toBe(201);
    const { group } = made.body;
    expect(group).toEqual({
      id: expect.any(String),
      name: 'team',
      domain_id: 'default',
      description: '',
      colour: 'red',
      links: { self: `${client.origin}/v3/groups/${group.id}` },
    });
    expect((await client.get(`/groups/${group.id}`)).body).toEqual({ group });
    const changed = await client.patch(`/groups/${group.id}`, { group: { description: 'ours' } });
    expect(changed.body.group).toEqual({ ...group, description: 'ours' });
    expect((await client.delete(`/groups/${group.id}`)).status).toBe(204);
    expect((await client.get(`/groups/${group.id}`)).status).toBe(404);
  });

  test('bad input is refused, and a name is taken once', async () => {
    expect((await create({})).status).toBe(400);
    expect((await create({ name: 'g', domain_id: 'nowhere' })).status).toBe(404);
    await create({ name: 'twice' });
    expect((await create({ name: 'twice' })).status).toBe(409);
    const { group } = (await create({ name: 'once' })).body;
    expect((await client.patch(`/groups/${group.id}`, { group: { name: 'twice' } })).status).toBe(409);
    expect((await client.patch(`/groups/${group.id}`, { group: { domain_id: 'x' } })).status).toBe(400);
  });

  test('users come and go', async () => {
    const { group } = (await create({ name: 'club' })).body;
    const [ann, bob] = [await newUser('ann'), await newUser('bob')];
    const path = (user: string) => `/groups/${group.id}/users/${user}`;
    expect((await client.put(path(ann))).status).toBe(204);
    expect((await client.put(path(ann))).status).toBe(204);
    expect((await client.head(path(ann))).status).toBe(204);
    const outside = await client.get(path(bob));
    expect(outside.status).toBe(404);
    expect(outside.body.error.message).toBe(`User '${bob}' not found in group '${group.id}'`);
    await client.put(path(bob));
    const list = async (query = '') =>
      (await client.get(`/groups/${group.id}/users${query}`)).body.users.map((u: { name: string }) => u.name);
    expect((await list()).sort()).toEqual(['ann', 'bob']);
    expect(await list('?name=bob')).toEqual(['bob']);
    expect(await list('?password_expires_at=gt:2026-01-01T00:00:00Z')).toEqual([]);
    expect((await client.delete(path(bob))).status).toBe(204);
    expect((await client.delete(path(bob))).status).toBe(404);
    expect((await client.put(path('nobody'))).status).toBe(404);
    expect((await client.put(`/groups/none/users/${ann}`)).status).toBe(404);
  });

  test("a domain's manager has that domain's groups only", async () => {
    const { domain } = (await client.post('/domains', { domain: { name: 'Own' } })).body;
    const { user } = (
      await client.post('/users', { user: { name: 'mgr', password: 'pw', domain_id: domain.id } })
    ).body;
    const role = (await client.get('/roles?name=manager')).body.roles[0].id;
    await client.put(`/domains/${domain.id}/users/${user.id}/roles/${role}`);
    const as = await cloud.token({ id: user.id, password: 'pw' }, { domain: { id: domain.id } });
    const own = await client.post('/groups', { group: { name: 'own' } }, { as });
    expect(own.body.group.domain_id).toBe(domain.id);
    const foreign = await client.post('/groups', { group: { name: 'x', domain_id: 'default' } }, { as });
    expect(foreign.status).toBe(403);
    const { group } = (await create({ name: 'foreign' })).body;
    expect((await client.get(`/groups/${group.id}`, { as })).status).toBe(403);
    expect((await client.get('/groups/nothing', { as })).status).toBe(403);
    const list = async (query = '') => (await client.get(`/groups${query}`, { as })).body.groups;
    expect(await list()).toEqual([own.body.group]);
    expect(await list('?domain_id=default')).toEqual([]);
    expect(
      (await client.put(`/groups/${own.body.group.id}/users/${user.id}`, undefined, { as })).status,
    ).toBe(204);
    const members = async (query = '') =>
      (await client.get(`/groups/${own.body.group.id}/users${query}`, { as })).body.users;
    expect(await members()).toHaveLength(1);
    expect(await members(`?domain_id=${domain.id}`)).toHaveLength(1);
    expect(await members('?domain_id=default')).toEqual([]);
  });
});
