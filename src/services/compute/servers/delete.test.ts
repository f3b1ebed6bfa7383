import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('deleting servers', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let interfere: SimHypervisorOptions['before'];
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterAll(() => world.close());

  test.each([
    ['ACTIVE', []],
    ['ERROR', [['os-resetState', { state: 'error' }]]],
    ['SHUTOFF', [['os-stop', null]]],
    ['PAUSED', [['pause', null]]],
    ['SUSPENDED', [['suspend', null]]],
    ['RESCUE', [['rescue', null]]],
    ['VERIFY_RESIZE', [['resize', { flavorRef: '2' }]]],
    ['SHELVED_OFFLOADED', [['shelve', null]]],
  ] as [string, [string, unknown][]][])('one that is %s leaves nothing behind', async (status, actions) => {
    const id = await world.makeServer();
    for (const [action, args] of actions) await world.act(id, action, args, 'admin');
    expect((await world.show(id)).status).toBe(status);
    expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204);
    await world.sagas.idle();
    expect((await world.send('GET', `/servers/${id}`)).status).toBe(404);
    expect(world.hypervisors[0]!.guests.size).toBe(0);
    expect(await world.compute.parts.placement.consumers()).toEqual([]);
    expect([...world.network.ports.values()]).toEqual([]);
    expect([...world.images.images.keys()]).toEqual([world.imageId]);
  });

  test('deleting one that is resized confirms the resize', async () => {
    const id = await world.makeServer();
    await world.act(id, 'resize', { flavorRef: '2' });
    await world.send('DELETE', `/servers/${id}`);
    await world.sagas.idle();
    const { body } = await world.send('GET', `/os-migrations?instance_uuid=${id}`, undefined, {
      as: 'admin',
    });
    expect(body.migrations).toMatchObject([{ status: 'confirmed' }]);
  });

  test('a locked one is not deleted by its owner', async () => {
    const id = await world.makeServer();
    await world.act(id, 'lock');
    const answer = await world.send('DELETE', `/servers/${id}`);
    expect([answer.status, answer.body.conflictingRequest.message]).toEqual([
      409,
      `Instance ${id} is locked`,
    ]);
    expect((await world.send('DELETE', `/servers/${id}`, undefined, { as: 'admin' })).status).toBe(204);
    await world.sagas.idle();
  });

  test.each([
    ['os-stop', 'stop', null],
    ['suspend', 'suspend', null],
    ['createImage', 'snapshot', { name: 'of a server that goes' }],
  ] as const)('%s, which takes its time, is given up', async (action, operation, args) => {
    const id = await world.makeServer();
    const begun = Promise.withResolvers<void>();
    // it lasts until the plug is pulled
    const unplugged = Promise.withResolvers<void>();
    let count = 0;
    interfere = (what) => {
      if (what === operation && ++count === 1) {
        begun.resolve();
        return unplugged.promise;
      }
      if (what === 'stop') unplugged.resolve();
      return undefined;
    };
    const answer = await world.send('POST', `/servers/${id}/action`, { [action]: args });
    expect(answer.status).toBe(202);
    await begun.promise;
    expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204);
    await expect.poll(async () => (await world.send('GET', `/servers/${id}`)).status).toBe(404);
    interfere = undefined;
    await world.sagas.idle();
    expect(world.hypervisors[0]!.guests.size).toBe(0);
    expect([...world.images.images.values()].filter(({ status }) => status !== 'active')).toEqual([]);
  });
});
