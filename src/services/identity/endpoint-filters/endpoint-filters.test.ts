import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('endpoint groups and filters', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  let project: string;
  let service: string;
  const endpoint: Record<string, string> = {};
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
    project = (await client.get('/projects?name=admin')).body.projects[0].id;
    service = (await client.post('/services', { service: { type: 'thing' } })).body.service.id;
    for (const face of ['public', 'internal']) {
      const fields = { interface: face, url: `http://${face}`, service_id: service };
      endpoint[face] = (await client.post('/endpoints', { endpoint: fields })).body.endpoint.id;
    }
  });
  afterAll(() => cloud.close());

  const base = '/OS-EP-FILTER';
  const create = (endpoint_group: object) => client.post(`${base}/endpoint_groups`, { endpoint_group });
  const urls = async () =>
    (await client.get('/auth/catalog')).body.catalog
      .flatMap((s: { endpoints: { url: string }[] }) => s.endpoints.map(({ url }) => url))
      .sort();
  const idsIn = (answer: { body: Record<string, { id: string }[]> }, key: string) =>
    answer.body[key]!.map(({ id }) => id);

  test('a group is made, shown, changed, listed and deleted', async () => {
    const made = await create({ name: 'all', filters: { service_id: service } });
    expect(made.status).toBe(201);
    const group = made.body.endpoint_group;
    const path = `${base}/endpoint_groups/${group.id}`;
    expect(group).toEqual({
      id: expect.any(String),
      name: 'all',
      description: null,
      filters: { service_id: service },
      links: { self: `${client.origin}/v3${path}` },
    });
    expect((await client.get(path)).body).toEqual({ endpoint_group: group });
    expect((await client.head(path)).status).toBe(200);
    const changed = await client.patch(path, { endpoint_group: { description: 'ours' } });
    expect(changed.body.endpoint_group).toEqual({ ...group, description: 'ours' });
    const listed = await client.get(`${base}/endpoint_groups?name=all`);
    expect(listed.body.endpoint_groups).toEqual([changed.body.endpoint_group]);
    for (const bad of [{}, { colour: 'red' }, { enabled: true }, { interface: 'secret' }])
      expect((await create({ name: 'x', filters: bad })).status).toBe(400);
    expect((await create({ name: 'x' })).status).toBe(400);
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.get(path)).status).toBe(404);
  });

  test("a project's catalog is limited to its endpoints", async () => {
    const everything = await urls();
    const path = `${base}/projects/${project}/endpoints/${endpoint.public}`;
    expect((await client.get(path)).status).toBe(404);
    expect((await client.put(path)).status).toBe(204);
    expect((await client.put(path)).status).toBe(409);
    expect((await client.head(path)).status).toBe(204);
    expect(await urls()).toEqual(['http://public']);
    expect(idsIn(await client.get(`${base}/projects/${project}/endpoints`), 'endpoints')).toEqual([
      endpoint.public,
    ]);
    const projects = await client.get(`${base}/endpoints/${endpoint.public}/projects`);
    expect(idsIn(projects, 'projects')).toEqual([project]);
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.delete(path)).status).toBe(404);
    expect(await urls()).toEqual(everything);
    expect((await client.put(`${base}/projects/none/endpoints/${endpoint.public}`)).status).toBe(404);
    expect((await client.put(`${base}/projects/${project}/endpoints/none`)).status).toBe(404);
  });

  test('one that is limited to a disabled endpoint is empty', async () => {
    const path = `${base}/projects/${project}/endpoints/${endpoint.public}`;
    await client.put(path);
    await client.patch(`/endpoints/${endpoint.public}`, { endpoint: { enabled: false } });
    expect((await client.get('/auth/catalog')).body.catalog).toEqual([]);
    await client.patch(`/endpoints/${endpoint.public}`, { endpoint: { enabled: true } });
    expect(await urls()).toEqual(['http://public']);
    await client.delete(path);
  });

  test('or to a group of endpoints', async () => {
    const everything = await urls();
    const filters = { service_id: service, interface: 'internal' };
    const { id } = (await create({ name: 'inside', filters })).body.endpoint_group;
    const path = `${base}/endpoint_groups/${id}/projects/${project}`;
    expect((await client.get(path)).status).toBe(404);
    expect((await client.put(path)).status).toBe(204);
    expect((await client.get(path)).body.project_endpoint_group).toMatchObject({
      endpoint_group_id: id,
      project_id: project,
    });
    expect(await urls()).toEqual(['http://internal']);
    expect(idsIn(await client.get(`${base}/endpoint_groups/${id}/endpoints`), 'endpoints')).toEqual([
      endpoint.internal,
    ]);
    expect(idsIn(await client.get(`${base}/endpoint_groups/${id}/projects`), 'projects')).toEqual([project]);
    const groups = await client.get(`${base}/projects/${project}/endpoint_groups`);
    expect(idsIn(groups, 'endpoint_groups')).toEqual([id]);
    await client.delete(`${base}/endpoint_groups/${id}`);
    expect(await urls()).toEqual(everything);
    expect((await client.delete(path)).status).toBe(404);
  });
});
