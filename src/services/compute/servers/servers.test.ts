import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('servers', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
  });
  afterAll(() => world.close());

  test('a server is built and shown in full', async () => {
    const answer = await world.send('POST', '/servers', {
      server: { name: 'vm one', imageRef: world.imageId, flavorRef: '1', networks: 'auto', metadata: { a: 'b' } },
    });
    expect(answer.status).toBe(202);
    const { id, adminPass } = answer.body.server;
    expect(adminPass).toHaveLength(12);
    expect(answer.headers.get('location')).toBe(`${world.client.origin}/v2.1/servers/${id}`);
    await world.sagas.idle();
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE' });
  });
});
