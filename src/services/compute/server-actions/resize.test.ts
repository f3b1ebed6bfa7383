import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('quota of resizes', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), { options: { quota_cores: 2 } });
  });
  afterAll(() => world.close());

  test('also the way back needs room', async () => {
    const id = await world.makeServer({ flavorRef: '2' });
    await world.act(id, 'resize', { flavorRef: '1' });
    const other = await world.makeServer();
    const refused = await world.act(id, 'revertResize');
    expect([refused.status, refused.body.forbidden?.message]).toEqual([
      403,
      'Quota exceeded for cores: Requested 1, but already used 2 of 2 cores',
    ]);
    expect((await world.show(id)).status).toBe('VERIFY_RESIZE');
    await world.send('DELETE', `/servers/${other}`);
    await world.sagas.idle();
    expect((await world.act(id, 'revertResize')).status).toBe(202);
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', flavor: { vcpus: 2 } });
  });
});
