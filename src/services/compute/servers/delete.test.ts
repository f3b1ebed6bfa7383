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
