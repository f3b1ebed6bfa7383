import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('discovery and what is not there', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases);
  });
  afterAll(() => network.close());

  test('the version is told to anyone, its resources to callers', async () => {
    const { client } = network;
    const root = await client.get('//', { as: '' });
    expect([root.status, root.body]).toEqual([
      200,
      {
        versions: [
          { id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${client.origin}/v2.0/` }] },
        ],
      },
    ]);
    const { body } = await client.get('//v2.0/');
    expect(body.resources.map((resource: { collection: string }) => resource.collection)).toEqual([
      'networks',
      'subnets',
      'subnetpools',
      'ports',
    ]);
    expect((await client.get('//v2.0')).status).toBe(404);
    expect((await client.get('//v2.0/', { as: '' })).status).toBe(401);
  });

  test('a path may end in .json', async () => {
    const { client } = network;
    const { id } = (await client.post('/networks.json', { network: { name: 'n' } })).body.network;
    expect((await client.get(`/networks/${id}.json`)).body.network.id).toBe(id);
    expect((await client.get('/networks.json?name=n.json')).body.networks).toEqual([]);
    expect((await client.put(`/networks/${id}/tags/a.json`)).status).toBe(201);
    expect((await client.get(`/networks/${id}/tags`)).body.tags).toEqual(['a.json']);
  });

  test('under the version even what is not there needs a token', async () => {
    const { client } = network;
    for (const [method, path] of [
      ['GET', '//v2.0/nothing'],
      ['PATCH', '//v2.0/networks'],
    ] as const)
      expect((await client.send(method, path, { as: '' })).status).toBe(401);
    expect((await client.get('//nothing', { as: '' })).status).toBe(404);
  });

  test.each([
    ['GET', '/nothing', undefined, 404, 'HTTPNotFound', 'The resource could not be found.'],
    ['PATCH', '/networks', undefined, 405, 'HTTPMethodNotAllowed', expect.stringContaining('malformed')],
    ['POST', '/networks', '{x', 400, 'HTTPBadRequest', 'Body contains invalid data'],
    ['POST', '/networks', '[]', 400, 'HTTPBadRequest', 'Body contains invalid data'],
  ])('%s %s %s is %i', async (method, path, body, status, type, message) => {
    const answer = await network.client.send(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.body]).toEqual([status, { NeutronError: { type, message, detail: '' } }]);
  });
});
