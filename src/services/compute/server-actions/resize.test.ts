import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
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

describe('the password a guest posts', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let interfere: SimHypervisorOptions['before'];
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { quota_instances: -1, quota_cores: -1, shelved_offload_time: -1 },
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterAll(() => world.close());

  const resize = ['resize', { flavorRef: '2' }] as const;
  test.each([
    ['resize', resize[1], []],
    ['confirmResize', null, [resize]],
    ['revertResize', null, [resize]],
    ['unshelve', null, [['shelve', null]]],
  ] as const)('while %s ends is kept', async (action, args, before) => {
    const id = await world.makeServer();
    for (const [earlier, its] of before) await world.act(id, earlier, its);
    // in the last thing the hypervisor is asked, the notes have been read already
    interfere = async (operation) => {
      if (operation === 'start' || operation === 'confirmResize')
        await world.compute.servers.keepPassword(id, 'sealed');
    };
    await world.act(id, action, args);
    interfere = undefined;
    expect((await world.send('GET', `/servers/${id}/os-server-password`)).body).toEqual({
      password: 'sealed',
    });
    const { systemMetadata } = (await world.compute.servers.find(id))!;
    expect(systemMetadata.old_vm_state).toBe(action === 'resize' ? 'active' : undefined);
    expect(systemMetadata).not.toHaveProperty('shelved_image_id');
  });
});
