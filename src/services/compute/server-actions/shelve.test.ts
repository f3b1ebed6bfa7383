import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { SimHypervisorOptions } from '#drivers/virt/sim/hypervisor.ts';
import { Crash } from '#kit/saga/engine.ts';
import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

const unlimited = { quota_instances: -1, quota_cores: -1, quota_ram: -1 };

/** A server that was shelved; its id. */
async function shelvedIn(world: ComputeWorld): Promise<string> {
  const id = await world.makeServer();
  await world.act(id, 'shelve');
  return id;
}

/** The image a server was shelved into. */
const imageMadeOf = (world: ComputeWorld, id: string) =>
  [...world.images.images.values()].find(({ properties }) => properties.instance_uuid === id);

describe('shelving', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let interfere: SimHypervisorOptions['before'];
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: unlimited,
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterAll(() => world.close());

  const shelved = () => shelvedIn(world);
  const imageOf = (id: string) => imageMadeOf(world, id);
  /** The task states a server is seen in while the guest is being worked on. */
  const tasksDuring = async (id: string, work: () => Promise<unknown>) => {
    const seen: unknown[] = [];
    interfere = async (operation) =>
      void seen.push([operation, (await world.show(id))['OS-EXT-STS:task_state']]);
    await work();
    interfere = undefined;
    return seen;
  };

  test('a server off its host is on none, in no zone, and holds nothing there', async () => {
    const id = await shelved();
    expect(await world.show(id)).toMatchObject({
      status: 'SHELVED_OFFLOADED',
      hostId: '',
      'OS-EXT-SRV-ATTR:host': null,
      'OS-EXT-SRV-ATTR:hypervisor_hostname': null,
      'OS-EXT-AZ:availability_zone': '',
      'OS-EXT-STS:vm_state': 'shelved_offloaded',
      'OS-EXT-STS:task_state': null,
      'OS-EXT-STS:power_state': 4,
    });
    expect(await world.compute.parts.placement.allocations(id)).toEqual({});
  });

  test('what needs a host is refused in the words of its state', async () => {
    const id = await shelved();
    const refusal = async (action: string, args: unknown = null) =>
      (await world.act(id, action, args)).body.conflictingRequest?.message;
    expect(await refusal('resize', { flavorRef: '2' })).toBe(
      `Cannot 'resize' instance ${id} while it is in vm_state shelved_offloaded`,
    );
    expect(await refusal('rebuild', { imageRef: world.imageId })).toBe(
      `Cannot 'rebuild' instance ${id} while it is in vm_state shelved_offloaded`,
    );
    expect(await refusal('os-start')).toBe(`Instance ${id} is not ready`);
    expect(await refusal('os-stop')).toBe(`Instance ${id} is not ready`);
    expect(await refusal('shelve')).toBe(
      `Cannot 'shelve' instance ${id} while it is in vm_state shelved_offloaded`,
    );
  });

  test('it is spawned anew from its image, and launched then', async () => {
    const id = await shelved();
    const before = (await world.show(id))['OS-SRV-USG:launched_at'];
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await tasksDuring(id, () => world.act(id, 'unshelve'))).toEqual([['create', 'spawning']]);
    const after = await world.show(id);
    expect(after).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:power_state': 1 });
    expect(after['OS-SRV-USG:launched_at']).not.toBe(before);
    expect(imageOf(id)).toBeUndefined();
  });

  test('without its image it is in error, which says so', async () => {
    const id = await shelved();
    const image = imageOf(id)!;
    await world.images.discard(image.id);
    await world.act(id, 'unshelve');
    expect(await world.show(id)).toMatchObject({
      status: 'ERROR',
      'OS-EXT-STS:task_state': null,
      fault: { message: `Unshelve attempted but the image ${image.id} cannot be found.` },
    });
  });

  test('when no host is good for it, it stays what it was', async () => {
    const id = await shelved();
    await world.send('PUT', `/os-services/${await serviceId()}`, { status: 'disabled' }, { as: 'admin' });
    await world.act(id, 'unshelve');
    expect(await world.show(id)).toMatchObject({
      status: 'SHELVED_OFFLOADED',
      'OS-EXT-STS:task_state': null,
    });
    await world.send('PUT', `/os-services/${await serviceId()}`, { status: 'enabled' }, { as: 'admin' });
    await world.act(id, 'unshelve');
    expect((await world.show(id)).status).toBe('ACTIVE');
  });

  test('where it goes may be said, by version and by administrators', async () => {
    const id = await shelved();
    const unshelve = async (wish: unknown, version: string, as = 'member') => {
      const answer = await world.send('POST', `/servers/${id}/action`, { unshelve: wish }, { version, as });
      await world.sagas.idle();
      return [answer.status, Object.values(answer.body ?? {}).map((fault) => (fault as Error).message)[0]];
    };
    expect(await unshelve({}, '2.77')).toEqual([400, expect.stringContaining("'availability_zone'")]);
    expect(await unshelve({ availability_zone: null }, '2.90')).toEqual([400, expect.any(String)]);
    expect(await unshelve({ availability_zone: 'nozone' }, '2.77')).toEqual([
      400,
      'The requested availability zone is not available',
    ]);
    expect(await unshelve({ host: 'host-1' }, '2.90', 'admin')).toEqual([400, expect.any(String)]);
    expect(await unshelve({ host: 'host-1' }, '2.91')).toEqual([403, expect.any(String)]);
    expect(await unshelve({ host: 'host-9' }, '2.91', 'admin')).toEqual([
      400,
      'Compute host host-9 could not be found.',
    ]);
    expect(await unshelve({ availability_zone: 'nova' }, '2.77')).toEqual([202, undefined]);
    expect((await world.show(id)).pinned_availability_zone).toBe('nova');
    await world.act(id, 'shelve');
    // what stood there was ignored, and the zone stays
    expect(await unshelve({ availability_zone: 'nozone' }, '2.76')).toEqual([202, undefined]);
    expect((await world.show(id)).pinned_availability_zone).toBe('nova');
    await world.act(id, 'shelve');
    const anywhere = { host: 'host-1', availability_zone: null };
    expect(await unshelve(anywhere, '2.91', 'admin')).toEqual([202, undefined]);
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', pinned_availability_zone: null });
  });

  test('deleted, it takes its image along', async () => {
    const id = await shelved();
    expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204);
    await world.sagas.idle();
    expect((await world.send('GET', `/servers/${id}`)).status).toBe(404);
    expect(imageOf(id)).toBeUndefined();
  });

  const serviceId = async () => {
    const { services } = (
      await world.send('GET', '/os-services?binary=nova-compute', undefined, { as: 'admin' })
    ).body;
    return services[0].id;
  };
});

describe('shelving without offloading', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { ...unlimited, shelved_offload_time: -1 },
    });
  });
  afterAll(() => world.close());

  test('a server still on its host is just powered on again', async () => {
    const id = await world.makeServer();
    await world.act(id, 'shelve');
    const shelved = await world.show(id);
    expect(shelved).toMatchObject({
      status: 'SHELVED',
      'OS-EXT-SRV-ATTR:host': 'host-1',
      'OS-EXT-STS:power_state': 4,
    });
    const { image } = world.hypervisors[0]!.guests.get(id)!.spec;
    await world.act(id, 'unshelve');
    const back = await world.show(id);
    expect(back).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:power_state': 1 });
    expect(back['OS-SRV-USG:launched_at']).toBe(shelved['OS-SRV-USG:launched_at']);
    expect(world.hypervisors[0]!.guests.get(id)!.spec.image).toEqual(image);
    expect([...world.images.images.keys()]).toEqual([world.imageId]);
  });

  test('a zone or a host can only be chosen once it is off its host', async () => {
    const id = await world.makeServer();
    await world.act(id, 'shelve');
    const answer = await world.act(id, 'unshelve', { availability_zone: 'nova' });
    expect(answer.status).toBe(409);
    expect(answer.body.conflictingRequest.message).toBe(
      `Specifying an availability zone or a host when unshelving server "${id}" with status "shelved" is not supported. The server status must be SHELVED_OFFLOADED.`,
    );
    await world.act(id, 'shelveOffload', null, 'admin');
    expect((await world.show(id)).status).toBe('SHELVED_OFFLOADED');
    await world.act(id, 'unshelve', { availability_zone: 'nova' });
    expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-AZ:availability_zone': 'nova' });
  });

  test('it is a member who shelves and unshelves, and an administrator who offloads', async () => {
    const id = await world.makeServer();
    await world.act(id, 'shelve');
    expect((await world.act(id, 'shelveOffload')).status).toBe(403);
  });
});

describe.each([
  ['off its host', 0, 'create'],
  ['still on its host', -1, 'start'],
])('unshelving a server %s', (_, offloadTime, work) => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  let interfere: SimHypervisorOptions['before'];
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { ...unlimited, shelved_offload_time: offloadTime },
      hypervisor: { before: (...operation) => interfere?.(...operation) },
    });
  });
  afterEach(() => {
    interfere = undefined;
    vi.restoreAllMocks();
  });
  afterAll(() => world.close());

  const shelved = () => shelvedIn(world);
  const imageOf = (id: string) => imageMadeOf(world, id);
  /** Unshelves a server in a control that dies once it is back and before its image is removed. */
  const dieOnceBack = async (id: string) => {
    let saga = '';
    await world.boot((point) => {
      if (point.when !== 'after' || !['finish', 'start'].includes(point.step)) return;
      saga = point.id;
      throw new Crash();
    });
    vi.spyOn(world.images, 'discard').mockResolvedValueOnce();
    await world.act(id, 'unshelve');
    expect((await world.show(id)).status).toBe('ACTIVE');
    expect(imageOf(id)).toBeDefined();
    return saga;
  };

  test('whoever resets its state meanwhile does not cost it its image', async () => {
    const id = await shelved();
    interfere = async (operation) => {
      if (operation === work)
        await world.send(
          'POST',
          `/servers/${id}/action`,
          { 'os-resetState': { state: 'error' } },
          { as: 'admin' },
        );
    };
    await world.act(id, 'unshelve');
    expect(await world.show(id)).toMatchObject({ status: 'ERROR', 'OS-EXT-STS:task_state': null });
    expect(imageOf(id)).toMatchObject({ status: 'active' });
  });

  test('its image goes once it is active', async () => {
    const id = await shelved();
    const discard = vi.spyOn(world.images, 'discard').mockImplementationOnce(async () => {
      expect(await world.show(id)).toMatchObject({ status: 'ACTIVE', 'OS-EXT-STS:task_state': null });
    });
    await world.act(id, 'unshelve');
    expect(discard).toHaveBeenCalledOnce();
    expect(await discard.mock.results[0]!.value).toBeUndefined();
  });

  test('an image that cannot be removed keeps it from nothing', async () => {
    const id = await shelved();
    vi.spyOn(world.images, 'discard').mockRejectedValueOnce(new Error('no images today'));
    await world.act(id, 'unshelve');
    expect((await world.show(id)).status).toBe('ACTIVE');
    expect(world.hypervisors[0]!.guests.get(id)!.power).toBe('running');
  });

  test('its image goes as well when control dies in between', async () => {
    const id = await shelved();
    await dieOnceBack(id);
    await (await world.boot()).idle();
    expect((await world.show(id)).status).toBe('ACTIVE');
    expect(imageOf(id)).toBeUndefined();
  });

  test('one that is back is not taken back, whatever stops what is left of it', async () => {
    const id = await shelved();
    const saga = await dieOnceBack(id);
    await world.sagas.cancel(saga);
    await (await world.boot()).idle();
    expect((await world.show(id)).status).toBe('ACTIVE');
    expect(world.hypervisors[0]!.guests.get(id)!.power).toBe('running');
    expect(imageOf(id)).toBeUndefined();
  });
});
