import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('domains', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
  });
  afterAll(() => cloud.close());

  const create = (domain: object) => client.post('/domains', { domain });
  const patch = (id: string, domain: object) => client.patch(`/domains/${id}`, { domain });

  test('a domain is made, shown and changed, and is a project too', async () => {
    const made = await create({ name: 'Sales', tags: ['x'], colour: 'red' });
    expect(made.status).toBe(201);
    const { domain } = made.body;
    expect(domain).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'Sales',
      description: '',
      enabled: true,
      options: {},
      tags: ['x'],
      colour: 'red',
      links: { self: `${client.origin}/v3/domains/${domain.id}` },
    });
    expect((await client.get(`/domains/${domain.id}`)).body).toEqual({ domain });
    const changed = await patch(domain.id, { description: 'south' });
    expect(changed.body.domain).toEqual({ ...domain, description: 'south' });
    expect((await client.get(`/projects/${domain.id}`)).body.project).toMatchObject({
      is_domain: true,
      domain_id: null,
      parent_id: null,
    });
    const project = (await client.get('/projects?name=admin')).body.projects[0].id;
    expect((await client.get(`/domains/${project}`)).status).toBe(404);
  });

  test('ids may be given, and names are taken once', async () => {
    const id = '0123456789abcdef0123456789abcdef';
    expect((await create({ name: 'Given', explicit_domain_id: id })).body.domain.id).toBe(id);
    expect((await create({ name: 'Again', explicit_domain_id: id })).status).toBe(409);
    expect((await create({ name: 'Bad', explicit_domain_id: 'short' })).status).toBe(400);
    const twice = await create({ name: 'Given' });
    expect(twice.status).toBe(409);
    expect(twice.body.error.message).toContain('two projects acting as domains with the same name: Given');
    expect((await create({ name: '' })).status).toBe(400);
    expect((await patch(id, { name: 'Default' })).status).toBe(409);
  });

  test('lists are filtered by name and state', async () => {
    await create({ name: 'Dormant', enabled: false });
    const names = async (query: string) =>
      (await client.get(`/domains?${query}`)).body.domains.map((d: { name: string }) => d.name);
    expect(await names('enabled=false')).toEqual(['Dormant']);
    expect(await names('name=Default')).toEqual(['Default']);
    expect(await names('name__istartswith=dORM')).toEqual(['Dormant']);
    expect((await client.get('/domains?enabled=perhaps')).status).toBe(400);
    expect((await client.get('/domains?marker=none')).status).toBe(404);
  });

  test('only a disabled domain is deleted, and all that is in it', async () => {
    const { id } = (await create({ name: 'Doomed' })).body.domain;
    const inside = { domain_id: id };
    const { project } = (await client.post('/projects', { project: { name: 'p', ...inside } })).body;
    await client.post('/projects', { project: { name: 'child', parent_id: project.id, ...inside } });
    const { user } = (await client.post('/users', { user: { name: 'u', ...inside } })).body;
    const { group } = (await client.post('/groups', { group: { name: 'g', ...inside } })).body;
    const { role } = (await client.post('/roles', { role: { name: 'r', ...inside } })).body;
    const reader = (await client.get('/roles?name=reader')).body.roles[0].id;
    await client.put(`/domains/${id}/users/${user.id}/roles/${reader}`);
    expect((await client.delete(`/domains/${id}`)).body.error.message).toBe(
      'Cannot delete a domain that is enabled, please disable it first.',
    );
    await patch(id, { enabled: false });
    expect((await client.delete(`/domains/${id}`)).status).toBe(204);
    for (const path of [
      `/domains/${id}`,
      `/projects/${project.id}`,
      `/users/${user.id}`,
      `/groups/${group.id}`,
      `/roles/${role.id}`,
    ])
      expect((await client.get(path)).status).toBe(404);
    expect((await client.get(`/role_assignments?scope.domain.id=${id}`)).body.role_assignments).toEqual([]);
  });

  test('an immutable domain, or one with an immutable project, is not deleted', async () => {
    const { id } = (await create({ name: 'Stone', enabled: false, options: { immutable: true } })).body
      .domain;
    expect((await client.delete(`/domains/${id}`)).status).toBe(403);
    expect((await patch(id, { options: { immutable: false } })).status).toBe(200);
    await patch(id, { enabled: true });
    const options = { immutable: true };
    await client.post('/projects', { project: { name: 'p', domain_id: id, options } });
    await patch(id, { enabled: false });
    expect((await client.delete(`/domains/${id}`)).status).toBe(403);
    expect((await client.get(`/domains/${id}`)).status).toBe(200);
  });

  test("a domain's reader sees that domain, a stranger none", async () => {
    const { user } = (await client.post('/users', { user: { name: 'rita', password: 'pw' } })).body;
    const { id } = (await create({ name: 'Seen' })).body.domain;
    const reader = (await client.get('/roles?name=reader')).body.roles[0].id;
    await client.put(`/domains/${id}/users/${user.id}/roles/${reader}`);
    const as = await cloud.token({ id: user.id, password: 'pw' }, { domain: { id } });
    const list = await client.get('/domains', { as });
    expect(list.body.domains.map((d: { id: string }) => d.id)).toEqual([id]);
    expect((await client.get(`/domains/${id}`, { as })).status).toBe(200);
    expect((await client.get('/domains/default', { as })).status).toBe(403);
    expect((await client.get('/domains/nothing', { as })).status).toBe(403);
  });
});
