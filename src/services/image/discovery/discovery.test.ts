import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describe('discovery', () => {
  const databases = sqliteDatabases();
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  test.each([
    ['/', 300],
    ['/versions', 200],
    ['/v3/images', 300],
    ['/v2.14/images', 300],
  ])('%s answers the versions to anyone', async (path, status) => {
    const answer = await client.api.send('GET', `/${path}`, { as: 'nobody knows' });
    expect(answer.status).toBe(status);
    expect(answer.body.versions[0]).toEqual({
      id: 'v2.15',
      status: 'CURRENT',
      links: [{ rel: 'self', href: `${client.api.origin}/v2/` }],
    });
    expect(answer.body.versions.map((version: { id: string }) => version.id)).toEqual(
      [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((minor) => `v2.${minor}`),
    );
    expect(answer.body.versions.at(-1).status).toBe('SUPPORTED');
    const head = await client.api.send('HEAD', `/${path}`, { as: 'nobody knows' });
    expect([head.status, head.body]).toEqual([status, '']);
  });

  test('every version leads to the same images', async () => {
    for (const version of ['v2', 'v2.0', 'v2.15'])
      expect((await client.api.get(`//${version}/images?limit=1`)).body.schema).toBe('/v2/schemas/images');
    expect((await client.api.get('//v2/')).status).toBe(404);
  });

  test('the store', async () => {
    const store = { id: 'file', description: 'Files of the machine the service runs on', default: 'true' };
    expect((await client.get('/info/stores')).body).toEqual({ stores: [store] });
    expect((await client.get('/info/stores/detail')).status).toBe(403);
    const { body } = await client.get('/info/stores/detail', 'service');
    expect(body.stores[0]).toMatchObject({ ...store, type: 'file', weight: 0, properties: {} });
  });

  test('data cannot be taken out of the only store', async () => {
    const { id } = await client.image({}, 'data');
    const queued = await client.image();
    const remove = (store: string, image: string, as = 'admin') =>
      client.delete(`/stores/${store}/${image}`, as);
    expect((await remove('ceph', id)).status).toBe(409);
    expect((await remove('file', 'nothing')).body).toContain('Failed to find image nothing');
    expect((await remove('file', queued.id)).status).toBe(409);
    expect((await remove('file', id, 'member')).status).toBe(403);
    const answer = await remove('file', id);
    expect([answer.status, answer.body]).toEqual([
      403,
      expect.stringContaining('Cannot delete image data from the only store containing it.'),
    ]);
  });

  test.each([
    ['image', ['additionalProperties', 'links', 'name', 'properties']],
    ['images', ['links', 'name', 'properties']],
    ['member', ['name', 'properties']],
    ['members', ['links', 'name', 'properties']],
    ['task', ['name', 'properties']],
    ['tasks', ['links', 'name', 'properties']],
  ])('the schema of %s', async (name, keys) => {
    const { body } = await client.get(`/schemas/${name}`, 'nobody');
    expect([body.name, Object.keys(body).toSorted()]).toEqual([name, keys]);
  });

  test('the schema of an image tells formats and known properties', async () => {
    const { properties } = (await client.get('/schemas/image')).body;
    expect(properties.disk_format.enum).toEqual([
      null,
      'ami',
      'ari',
      'aki',
      'vhd',
      'vhdx',
      'vmdk',
      'raw',
      'qcow2',
      'vdi',
      'iso',
      'ploop',
    ]);
    expect(properties.kernel_id.is_base).toBe(false);
    expect(properties.os_hidden).toEqual({
      type: 'boolean',
      description: 'If true, image will not appear in default image list response.',
    });
  });

  test('usage is empty as long as nothing is limited', async () => {
    expect((await client.get('/info/usage')).body).toEqual({ usage: {} });
  });
});

describe('faults', () => {
  const databases = sqliteDatabases();
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  test('are webob’s pages', async () => {
    const html = await client.get('/images/nothing');
    expect(html.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(html.body).toBe(
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID nothing<br /><br />\n\n\n\n </body>\n</html>',
    );
    const json = await client.send('GET', '/images/nothing', { headers: { accept: 'application/json' } });
    expect(json.body).toEqual({
      message: 'No image found with ID nothing<br /><br />\n\n\n',
      code: '404 Not Found',
      title: 'Not Found',
    });
  });
});
