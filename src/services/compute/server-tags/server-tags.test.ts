import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('server tags', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let id: string;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
    id = await world.makeServer({ tags: ['first'] });
  });
  afterAll(() => world.close());

  test('tags are added, seen and removed', async () => {
    const path = `/servers/${id}/tags`;
    const added = await world.send('PUT', `${path}/second`);
    expect([added.status, added.headers.get('location')]).toEqual([
      201,
      `${world.client.origin}/v2.1/servers/${id}/tags/second`,
    ]);
    expect((await world.send('PUT', `${path}/second`)).status).toBe(204);
    expect((await world.send('GET', path)).body).toEqual({ tags: ['first', 'second'] });
    expect((await world.send('GET', `${path}/second`)).status).toBe(204);
    expect((await world.send('DELETE', `${path}/first`)).status).toBe(204);
    const gone = await world.send('GET', `${path}/first`);
    expect(gone.body.itemNotFound.message).toBe(`Server ${id} has no tag 'first'`);
    expect((await world.send('PUT', path, { tags: ['a', 'b', 'a'] })).body).toEqual({ tags: ['a', 'b'] });
    expect((await world.send('PUT', `${path}/${encodeURIComponent('x,y')}`)).status).toBe(400);
    expect((await world.send('DELETE', path)).status).toBe(204);
    expect((await world.show(id)).tags).toEqual([]);
    expect((await world.send('GET', path, undefined, { version: '2.25' })).status).toBe(404);
  });

  test('servers are found by tags', async () => {
    const [a, b] = [await world.makeServer({ tags: ['x'] }), await world.makeServer({ tags: ['x', 'y'] })];
    const found = async (query: string) =>
      (await world.send('GET', `/servers?${query}`)).body.servers
        .map((s: { id: string }) => s.id)
        .filter((found: string) => found !== id)
        .toSorted();
    expect(await found('tags=x,y')).toEqual([b]);
    expect(await found('tags-any=x,y')).toEqual([a, b].toSorted());
    expect(await found('not-tags=x,y')).toEqual([a]);
    expect(await found('not-tags-any=y')).toEqual([a]);
  });
});
