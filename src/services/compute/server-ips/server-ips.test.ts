import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('addresses of servers', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
  });
  afterAll(() => world.close());

  test('they stand under the names of networks', async () => {
    const id = await world.makeServer();
    const { body } = await world.send('GET', `/servers/${id}/ips`);
    expect(body).toEqual({ addresses: { net: [{ version: 4, addr: expect.any(String) }] } });
    expect((await world.send('GET', `/servers/${id}/ips/net`)).body).toEqual(body.addresses);
    const other = await world.send('GET', `/servers/${id}/ips/other`);
    expect(other.body.itemNotFound.message).toBe('Instance is not a member of specified network');
  });

  test.each(['constructor', '__proto__'])('a network may be called %s', async (name) => {
    const id = await world.makeServer();
    expect((await world.send('GET', `/servers/${id}/ips/${name}`)).status).toBe(404);
    const { id: network } = world.network.put({ id: crypto.randomUUID(), name });
    const there = await world.makeServer({ networks: [{ uuid: network }] });
    const shown = await world.show(there);
    expect(Object.keys(shown.addresses)).toEqual([name]);
    expect((await world.send('GET', `/servers/${there}/ips/${name}`)).status).toBe(200);
  });
});
