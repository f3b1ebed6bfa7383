import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

/** Collections whose resources have tags, and what one is made with. */
const taggable = [
  'networks',
  'subnets',
  'ports',
  'security-groups',
  'routers',
  'floatingips',
  'subnetpools',
] as const;

describeEachEngine('tags', (databases) => {
  let network: TestNetwork;
  let networkId: string;
  let externalId: string;
  let made: Record<(typeof taggable)[number], Made>;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_port: -1 });
    ({ id: networkId } = await network.make('networks', { name: 'n' }));
    ({ id: externalId } = await network.make('networks', { 'router:external': true }, { as: 'admin' }));
    await network.make(
      'subnets',
      { network_id: externalId, ip_version: 4, cidr: '172.24.4.0/24' },
      { as: 'admin' },
    );
    made = {
      networks: await network.make('networks', {}),
      subnets: await network.make('subnets', { network_id: networkId, ip_version: 4, cidr: '10.9.0.0/24' }),
      ports: await network.make('ports', { network_id: networkId }),
      'security-groups': await network.make('security-groups', { name: 'g' }),
      routers: await network.make('routers', {}),
      floatingips: await network.make('floatingips', { floating_network_id: externalId }),
      subnetpools: await network.make('subnetpools', { name: 'p', prefixes: ['10.0.0.0/16'] }),
    };
  });
  afterAll(() => network.close());

  const get = async (path: string) => (await network.client.get(path, { as: 'member' })).body as Made;

  test.each(taggable)('%s are tagged, asked and untagged', async (collection) => {
    const { client } = network;
    const { id, revision_number: revision } = made[collection];
    const path = `/${collection}/${id}/tags`;
    const member = { as: 'member' } as const;
    expect((await client.put(path, { tags: ['red', 'blue'] }, member)).body.tags.toSorted()).toEqual([
      'blue',
      'red',
    ]);
    expect((await client.put(`${path}/green`, undefined, member)).status).toBe(201);
    expect((await client.put(`${path}/green`, undefined, member)).status).toBe(201);
    expect((await get(path)).tags.toSorted()).toEqual(['blue', 'green', 'red']);
    expect((await client.get(`${path}/green`, member)).status).toBe(204);
    expect((await client.get(`${path}/pink`, member)).body.NeutronError).toMatchObject({
      type: 'TagNotFound',
      message: 'Tag pink could not be found.',
    });
    const shown: Made = Object.values(await get(`/${collection}/${id}`))[0];
    expect(shown.tags.toSorted()).toEqual(['blue', 'green', 'red']);
    expect(shown.revision_number).toBeGreaterThan(revision);
    expect((await client.post(path, { tags: ['red', 'pink'] }, member)).status).toBe(201);
    expect((await get(path)).tags.toSorted()).toEqual(['blue', 'green', 'pink', 'red']);
    expect((await client.delete(`${path}/pink`, member)).status).toBe(204);
    expect((await client.delete(`${path}/pink`, member)).status).toBe(404);
    expect((await client.delete(path, member)).status).toBe(204);
    expect(await get(path)).toEqual({ tags: [] });
  });

  test.each(taggable)('%s are listed by tags', async (collection) => {
    const { client } = network;
    const other: Made = {
      networks: () => network.make('networks', {}),
      subnets: async () => {
        const { id } = await network.make('networks', {});
        return network.make('subnets', { network_id: id, ip_version: 4, cidr: '10.9.0.0/24' });
      },
      ports: () => network.make('ports', { network_id: networkId }),
      'security-groups': () => network.make('security-groups', {}),
      routers: () => network.make('routers', {}),
      floatingips: () => network.make('floatingips', { floating_network_id: externalId }),
      subnetpools: () => network.make('subnetpools', { name: 'o', prefixes: ['10.0.0.0/16'] }),
    }[collection];
    const ids = { both: made[collection].id, one: (await other()).id, none: (await other()).id };
    await client.put(`/${collection}/${ids.both}/tags`, { tags: ['red', 'blue'] }, { as: 'member' });
    await client.put(`/${collection}/${ids.one}/tags`, { tags: ['red'] }, { as: 'member' });
    const listed = async (query: string) => {
      const rows: Made[] = Object.values(await get(`/${collection}?${query}&fields=id`))[0] as Made[];
      return Object.entries(ids)
        .filter(([, id]) => rows.some((row) => row.id === id))
        .map(([name]) => name);
    };
    expect(await listed('tags=red')).toEqual(['both', 'one']);
    expect(await listed('tags=red,blue')).toEqual(['both']);
    expect(await listed('tags-any=blue,red')).toEqual(['both', 'one']);
    expect(await listed('tags-any=blue')).toEqual(['both']);
    expect(await listed('not-tags=red,blue')).toEqual(['one', 'none']);
    expect(await listed('not-tags=red')).toEqual(['none']);
    expect(await listed('not-tags-any=red,blue')).toEqual(['none']);
    expect(await listed('not-tags-any=blue')).toEqual(['one', 'none']);
    expect(await listed('tags=red&not-tags=blue')).toEqual(['one']);
    expect(await listed('tags=nothing')).toEqual([]);
  });

  test('tags are words, at most fifty, each once', async () => {
    const { id } = made.networks;
    const put = (tags: unknown) => network.client.put(`/networks/${id}/tags`, { tags }, { as: 'member' });
    expect((await put(['a', 'a'])).status).toBe(400);
    expect((await put([7])).status).toBe(400);
    expect((await put('a')).status).toBe(400);
    expect((await put(['x'.repeat(256)])).status).toBe(400);
    expect((await put(Array.from({ length: 51 }, (_, i) => `t${i}`))).status).toBe(400);
    expect((await put(Array.from({ length: 50 }, (_, i) => `t${i}`))).status).toBe(200);
    expect((await network.client.put(`/networks/${id}/tags`, {}, { as: 'member' })).status).toBe(400);
    expect((await put([])).body).toEqual({ tags: [] });
  });

  test('tags are for those who may change the resource', async () => {
    const path = `/networks/${made.networks.id}/tags`;
    expect((await network.client.get(path, { as: 'reader' })).status).toBe(200);
    expect((await network.client.put(path, { tags: ['x'] }, { as: 'reader' })).status).toBe(403);
    expect((await network.client.put(`${path}/x`, undefined, { as: 'reader' })).status).toBe(403);
    expect((await network.client.delete(path, { as: 'reader' })).status).toBe(403);
    expect((await network.client.get(path, { as: 'stranger' })).status).toBe(403);
    expect((await network.client.put(path, { tags: ['x'] }, { as: 'stranger' })).status).toBe(403);
  });

  test('tags go with their resource', async () => {
    const { id } = await network.make('networks', {});
    await network.client.put(`/networks/${id}/tags`, { tags: ['gone'] }, { as: 'member' });
    await network.client.delete(`/networks/${id}`, { as: 'member' });
    expect((await network.client.get(`/networks/${id}/tags`, { as: 'member' })).status).toBe(404);
    expect(await get('/networks?tags=gone')).toEqual({ networks: [] });
  });
});
