import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('resizes', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), { options: { quota_cores: 2 } });
    await world.makeFlavor('longer', { rootGb: 2 });
  });
  afterAll(() => world.close());

  const admin = { as: 'admin' };

  test('what settles one needs its host', async () => {
    const id = await world.makeServer();
    await world.act(id, 'resize', { flavorRef: 'longer' });
    const { services } = (await world.send('GET', '/os-services?binary=nova-compute', undefined, admin)).body;
    const force = (down: boolean) =>
      world.send('PUT', `/os-services/${services[0].id}`, { forced_down: down }, admin);
    await force(true);
    const refused = await world.act(id, 'confirmResize');
    expect([refused.status, refused.body.conflictingRequest?.message]).toEqual([
      409,
      'Service is unavailable at this time.',
    ]);
    expect((await world.show(id)).status).toBe('VERIFY_RESIZE');
    await force(false);
    expect((await world.act(id, 'confirmResize')).status).toBe(204);
    expect((await world.show(id)).status).toBe('ACTIVE');
    await world.send('DELETE', `/servers/${id}`);
    await world.sagas.idle();
  });

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
