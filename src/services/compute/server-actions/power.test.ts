import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('shutting down', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open());
  });
  afterAll(() => world.close());

  test.each([
    [{ os_shutdown_timeout: '7' }, 7000],
    [{ os_shutdown_timeout: 'forever' }, 60_000],
    [{}, 60_000],
  ] as [Record<string, string>, number][])(
    'a guest whose image says %o is given %d ms',
    async (properties, timeoutMs) => {
      const { id: imageRef } = world.images.put({ id: crypto.randomUUID(), properties });
      const id = await world.makeServer({ imageRef });
      const calls = vi.spyOn(world.bus, 'call');
      await world.act(id, 'os-stop');
      expect(calls).toHaveBeenCalledWith('agent.host-1', 'guest.stop', { id, timeoutMs }, expect.anything());
      calls.mockRestore();
    },
  );
});

describe('reboots that fail', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let interfere: SimHypervisorOptions['before'];
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterEach(() => {
    interfere = undefined;
  });
  afterAll(() => world.close());

  test('a guest that does not come up again is in error', async () => {
    const id = await world.makeServer();
    interfere = (operation) => {
      if (operation === 'start') throw new Error('there is no memory left');
    };
    await world.act(id, 'reboot', { type: 'HARD' });
    expect(await world.show(id)).toMatchObject({
      status: 'ERROR',
      'OS-EXT-STS:task_state': null,
      'OS-EXT-STS:power_state': 4,
      fault: { code: 500, message: 'there is no memory left' },
    });
    interfere = undefined;
    await world.act(id, 'reboot', { type: 'HARD' });
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:power_state': 1 });
  });

  test('a guest that could not be asked runs on', async () => {
    const id = await world.makeServer();
    interfere = (operation) => {
      if (operation === 'reboot') throw new Error('no answer');
    };
    await world.act(id, 'reboot', { type: 'SOFT' });
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:power_state': 1 });
  });

  test('a guest whose plug could not be pulled runs on', async () => {
    const id = await world.makeServer();
    interfere = (operation) => {
      if (operation === 'stop') throw new Error('it is stuck');
    };
    await world.act(id, 'reboot', { type: 'HARD' });
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
    const { instanceActions } = (await world.send('GET', `/servers/${id}/os-instance-actions`)).body;
    expect(instanceActions[0]).toMatchObject({ action: 'reboot', message: 'Error' });
  });
});
