import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

describeEachEngine('regions', (databases) => {
  let cloud: ServedIdentity;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
    ({ client } = cloud);
  });
  afterAll(() => cloud.close());

  const create = (region: object) => client.post('/regions', { region });

  test('a region is made with an id of its own or a given one', async () => {
    const made = await create({ description: 'North' });
    expect(made.status).toBe(201);
    expect(made.body.region).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      description: 'North',
      parent_region_id: null,
      links: { self: `${client.origin}/v3/regions/${made.body.region.id}` },
    });
    const put = await client.put('/regions/Elsewhere', { region: { description: null, colour: 'red' } });
    expect(put.body.region).toMatchObject({ id: 'Elsewhere', description: '', colour: 'red' });
    expect((await client.get('/regions/Elsewhere')).body).toEqual(put.body);
  });

  test('ids are unique, and must agree with the path', async () => {
    await create({ id: 'twice' });
    const again = await create({ id: 'twice' });
    expect(again.status).toBe(409);
    expect(again.body.error).toEqual({
      code: 409,
      title: 'Conflict',
      message: 'Conflict occurred attempting to store region - Duplicate ID, twice.',
    });
    expect((await client.put('/regions/a', { region: { id: 'b' } })).status).toBe(400);
    expect((await client.patch('/regions/twice', { region: { id: 'c' } })).status).toBe(400);
    const named = await client.patch('/regions/twice', { region: { id: null, description: 'x' } });
    expect(named.body.region).toMatchObject({ id: 'twice', description: 'x' });
  });

  test('regions form a tree without circles', async () => {
    await create({ id: 'top' });
    await create({ id: 'middle', parent_region_id: 'top' });
    await create({ id: 'leaf', parent_region_id: 'middle' });
    expect((await create({ id: 'x', parent_region_id: 'nowhere' })).status).toBe(404);
    expect((await client.patch('/regions/top', { region: { parent_region_id: 'leaf' } })).status).toBe(400);
    const below = await client.get('/regions?parent_region_id=top');
    expect(below.body.regions.map((r: { id: string }) => r.id)).toEqual(['middle']);
    expect(below.body.links).toEqual({
      self: `${client.origin}/v3/regions?parent_region_id=top`,
      previous: null,
      next: null,
    });
    expect((await client.delete('/regions/top')).status).toBe(204);
    expect((await client.get('/regions/leaf')).status).toBe(404);
  });

  test('one that is put to use while it is deleted stays, and so do those below it', async () => {
    await create({ id: 'used' });
    await create({ id: 'below', parent_region_id: 'used' });
    const service_id = (await client.get('/services')).body.services[0].id;
    const fields = { interface: 'public', url: 'http://h', service_id, region_id: 'used' };
    await client.post('/endpoints', { endpoint: fields });
    const looked = vi.spyOn(cloud.identity, 'hasEndpointsIn').mockResolvedValue(false);
    expect((await client.delete('/regions/used')).status).toBe(403);
    looked.mockRestore();
    expect((await client.get('/regions/below')).status).toBe(200);
  });

  test('one cannot be put under another that is deleted meanwhile', async () => {
    const region = (await create({ id: 'late' })).body.region;
    const gone = { id: 'gone', description: '', parentRegionId: null, extra: {} };
    const { regions } = cloud.identity;
    const find = regions.find.bind(regions);
    const found = vi
      .spyOn(regions, 'find')
      .mockImplementation(async (id) => (id === 'gone' ? gone : find(id)));
    const moved = await client.patch('/regions/late', { region: { parent_region_id: 'gone' } });
    found.mockRestore();
    expect(moved.body.error).toMatchObject({ code: 404, message: 'Could not find region: gone.' });
    expect((await client.get('/regions/late')).body.region).toEqual(region);
  });

  test('an update changes what it names and keeps the rest', async () => {
    await create({ id: 'r', description: 'old', colour: 'red' });
    const changed = await client.patch('/regions/r', { region: { description: 'new' } });
    expect(changed.body.region).toMatchObject({ id: 'r', description: 'new', colour: 'red' });
    expect((await client.patch('/regions/r', { region: {} })).status).toBe(400);
    expect((await client.patch('/regions/none', { region: { description: 'x' } })).status).toBe(404);
  });

  test('what is not there is the business only of whom policy lets ask', async () => {
    const { user } = (await client.post('/users', { user: { name: 'reader', password: 'pw' } })).body;
    const project = (await client.get('/projects?name=admin')).body.projects[0].id;
    const role = (await client.get('/roles?name=reader')).body.roles[0].id;
    await client.put(`/projects/${project}/users/${user.id}/roles/${role}`);
    const as = await cloud.token({ id: user.id, password: 'pw' }, { project: { id: project } });
    expect((await client.delete('/regions/none', { as })).status).toBe(403);
    expect((await client.patch('/regions/none', { region: {} }, { as })).status).toBe(403);
    expect((await client.get('/regions/none', { as })).status).toBe(404);
    expect((await client.delete('/regions/none')).status).toBe(404);
  });

  test('bad input is named', async () => {
    const bad = await create({ description: 3 });
    expect(bad.body.error).toMatchObject({
      code: 400,
      message: expect.stringContaining('Invalid input for field/attribute description'),
    });
  });
});
