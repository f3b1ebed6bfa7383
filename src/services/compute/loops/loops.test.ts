import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

import { audit } from './audit.ts';
import { resizeConfirmLoop, purgeLoop, shelveOffloadLoop } from './expiry.ts';
import { OrphanLoop } from './orphans.ts';
import { PowerStates } from './power-states.ts';

describe('convergence', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  /** What happens before an operation of the hypervisor. */
  let interfere: SimHypervisorOptions['before'];
  afterEach(() => {
    interfere = undefined;
  });
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { resize_confirm_window: 1, purge_deleted_after: 0, shelved_offload_time: -1 },
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterAll(() => world.close());
  const host = () => world.hypervisors[0]!;
  const found = async () => (await audit(world.compute)).map(({ text }) => text);

  test('a guest that stops by itself makes its server SHUTOFF at once', async () => {
    const id = await world.makeServer();
    host().changeByItself(id, 'shutdown');
    await expect.poll(async () => (await world.show(id)).status).toBe('SHUTOFF');
    expect(await world.show(id)).toMatchObject({ 'OS-EXT-STS:power_state': 4 });
    const { instanceActions } = (await world.send('GET', `/servers/${id}/os-instance-actions`)).body;
    expect(instanceActions[0]).toMatchObject({ action: 'stop', user_id: null });
  });

  test('a guest that dies while something is done to its server is seen once that is over', async () => {
    const id = await world.makeServer();
    interfere = (operation) => {
      if (operation === 'snapshot') host().changeByItself(id, 'crashed');
    };
    await world.act(id, 'createImage', { name: 'of a dying guest' });
    await expect.poll(async () => (await world.show(id)).status).toBe('SHUTOFF');
  });

  test('a guest that died while nobody watched and its server was busy is seen once that is over', async () => {
    const id = await world.makeServer();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    interfere = (operation) => (operation === 'snapshot' ? held : undefined);
    await world.send('POST', `/servers/${id}/action`, { createImage: { name: 'held up' } });
    host().guests.get(id)!.power = 'crashed';
    await new PowerStates(world.compute).loop.run();
    expect((await world.show(id)).status).toBe('ACTIVE');
    goOn();
    await expect.poll(async () => (await world.show(id)).status).toBe('SHUTOFF');
  });

  test('the loop finds out what was not told', async () => {
    const [off, on, gone] = [await world.makeServer(), await world.makeServer(), await world.makeServer()];
    await world.act(on, 'os-stop');
    host().guests.get(off)!.power = 'crashed';
    host().guests.get(on)!.power = 'running';
    host().guests.delete(gone);
    await new PowerStates(world.compute).loop.run();
    await world.sagas.idle();
    expect(await world.show(off)).toMatchObject({ status: 'SHUTOFF' });
    expect(host().guests.get(on)?.power).toBe('shutdown');
    expect(await world.show(on)).toMatchObject({ status: 'SHUTOFF' });
    expect(await world.show(gone)).toMatchObject({
      status: 'ERROR',
      fault: { message: `The guest of instance ${gone} is not on its host any more.` },
    });
    await world.send('DELETE', `/servers/${gone}`);
    await world.sagas.idle();
  });

  test('what has no owner is found, and removed when it is found twice', async () => {
    const id = await world.makeServer();
    const server = (await world.compute.servers.find(id))!;
    const [nic] = server.interfaces;
    // as if the server were deleted while its host was away and control died before it could tidy up
    const now = Date.now();
    await world.compute.servers.update(id, { deletedAt: now, vmState: 'deleted', updatedAt: now });
    world.network.putPort(crypto.randomUUID(), world.networkId);
    const foreign = world.network.putPort(crypto.randomUUID(), world.networkId);
    Object.assign(foreign, { deviceId: 'somebody', deviceOwner: 'compute:elsewhere' });
    expect((await found()).toSorted()).toEqual(
      [
        `consumer ${id} holds resources, but is no server`,
        `port ${nic!.portId} belongs to server ${id}, which does not exist`,
        `port ${foreign.id} belongs to server somebody, which does not exist`,
        `spec ${id} on host host-1 belongs to no server`,
        `virt guest ${id} on host host-1 belongs to no server`,
      ].toSorted(),
    );
    const loop = new OrphanLoop(world.compute);
    await loop.run();
    expect(await found()).toHaveLength(5);
    await loop.run();
    // a port that never was a server's of ours is not ours to remove
    expect(await found()).toEqual([`port ${foreign.id} belongs to server somebody, which does not exist`]);
    world.network.ports.delete(foreign.id);
    expect(host().guests.has(id)).toBe(false);
  });

  test('a host that cannot be looked at is named', async () => {
    const [known] = await world.compute.hosts.list();
    const { id } = known!.service;
    world.compute.presence.lost(id);
    expect(await found()).toEqual([`host ${known!.name} could not be looked at: it is down`]);
    world.compute.presence.heard(id);
    expect(await found()).toEqual([]);
  });

  test('resizes are confirmed when their time has come', async () => {
    const id = await world.makeServer();
    await world.act(id, 'resize', { flavorRef: '2' });
    await resizeConfirmLoop(world.compute).run();
    expect((await world.show(id)).status).toBe('VERIFY_RESIZE');
    await world.compute.servers.update(id, { launchedAt: Date.now() - 2000 });
    await resizeConfirmLoop(world.compute).run();
    await world.sagas.idle();
    expect((await world.show(id)).status).toBe('ACTIVE');
  });

  test('a server in the middle of nothing is in error, once that was seen twice', async () => {
    const id = await world.makeServer();
    await world.compute.servers.update(id, { taskState: 'shelving' });
    const loop = new OrphanLoop(world.compute);
    await loop.run();
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': 'shelving' });
    await loop.run();
    expect(await world.show(id)).toMatchObject({
      status: 'ERROR',
      'OS-EXT-STS:task_state': null,
      fault: { message: `An operation on instance ${id} ended halfway.` },
    });
    await world.send('DELETE', `/servers/${id}`);
    await world.sagas.idle();
  });

  test('servers deleted long ago are forgotten', async () => {
    const id = await world.makeServer();
    await world.send('DELETE', `/servers/${id}`);
    await world.sagas.idle();
    expect(await world.compute.servers.find(id, { deleted: true })).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await purgeLoop(world.compute).run();
    expect(await world.compute.servers.find(id, { deleted: true })).toBeUndefined();
    expect(await world.compute.actions.list(id)).toEqual([]);
  });
});

describe('a round of what expires', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { resize_confirm_window: 1, shelved_offload_time: 3600 },
    });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  /** Three servers; once they are listed, the first is taken by somebody else and the second is gone. */
  const interfered = async (action: string, args: unknown, due: (id: string) => Promise<unknown>) => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const id = await world.makeServer();
      await world.act(id, action, args);
      await due(id);
      ids.push(id);
    }
    const { servers } = world.compute;
    const list = servers.list.bind(servers);
    vi.spyOn(servers, 'list').mockImplementationOnce(async (filter) => {
      const listed = await list(filter);
      const now = Date.now();
      await servers.update(ids[0]!, { operation: 'another', vmState: 'error' });
      await servers.update(ids[1]!, { operation: 'another', vmState: 'deleted', deletedAt: now });
      return listed;
    });
    return ids[2]!;
  };

  test('confirms the resizes of the others', async () => {
    const id = await interfered('resize', { flavorRef: '2' }, (each) =>
      world.compute.servers.update(each, { launchedAt: Date.now() - 2000 }),
    );
    await resizeConfirmLoop(world.compute).run();
    await world.sagas.idle();
    expect((await world.show(id)).status).toBe('ACTIVE');
  });

  test('offloads the other shelved ones', async () => {
    const id = await interfered('shelve', null, async (each) => {
      const { systemMetadata } = (await world.compute.servers.find(each))!;
      const shelved_at = new Date(0).toISOString();
      await world.compute.servers.update(each, { systemMetadata: { ...systemMetadata, shelved_at } });
    });
    await shelveOffloadLoop(world.compute).run();
    await world.sagas.idle();
    expect((await world.show(id)).status).toBe('SHELVED_OFFLOADED');
  });
});
