import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { allocationBody, PlacementClient } from '#test/support/placement.ts';

describeEachEngine('allocations', (databases) => {
  let placement: PlacementClient;
  let count = 0;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  const newProvider = (
    inventories: Record<string, number | Record<string, number>> = { VCPU: 8, DISK_GB: 100 },
  ) => placement.provider(`p${++count}`, { inventories });
  const used = async (provider: string) =>
    (await placement.get(`/resource_providers/${provider}/usages`)).body.usages;

  test('a consumer holds what it was given until it is freed', async () => {
    const provider = await newProvider();
    const generation = await placement.generation(provider);
    const consumer = await placement.allocate({ [provider]: { VCPU: 2, DISK_GB: 10 } });
    expect((await placement.get(`/allocations/${consumer}`)).body).toEqual({
      allocations: { [provider]: { generation: generation + 1, resources: { VCPU: 2, DISK_GB: 10 } } },
      project_id: 'project-a',
      user_id: 'user-a',
      consumer_generation: 1,
      consumer_type: 'INSTANCE',
    });
    expect((await placement.get(`/resource_providers/${provider}/allocations`)).body).toEqual({
      resource_provider_generation: generation + 1,
      allocations: { [consumer]: { resources: { VCPU: 2, DISK_GB: 10 }, consumer_generation: 1 } },
    });
    expect(await used(provider)).toEqual({ VCPU: 2, DISK_GB: 10 });
    expect((await placement.delete(`/resource_providers/${provider}`)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.resource_provider.inuse',
    });
    expect((await placement.delete(`/allocations/${consumer}`)).status).toBe(204);
    expect((await placement.delete(`/allocations/${consumer}`)).status).toBe(404);
    expect((await placement.get(`/allocations/${consumer}`)).body).toEqual({ allocations: {} });
    // freeing all, unlike replacing, leaves the generation alone
    expect(await placement.generation(provider)).toBe(generation + 1);
  });

  test('the consumer must be as the caller last saw it', async () => {
    const provider = await newProvider();
    const consumer = newUuid();
    const put = (generation: number | null, vcpus: number) =>
      placement.put(
        `/allocations/${consumer}`,
        allocationBody(vcpus === 0 ? {} : { [provider]: { VCPU: vcpus } }, generation),
      );
    expect((await put(3, 1)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.concurrent_update',
      detail: expect.stringContaining('consumer generation conflict - expected null but got 3'),
    });
    expect((await put(null, 1)).status).toBe(204);
    expect((await put(null, 2)).body.errors[0].detail).toContain('expected 1 but got None');
    expect((await put(1, 2)).status).toBe(204);
    // an empty set frees everything, and the consumer is forgotten
    expect((await put(2, 0)).status).toBe(204);
    expect((await put(null, 1)).status).toBe(204);
  });

  describe('bodies changed over versions', () => {
    const list = (provider: string) => ({
      allocations: [{ resource_provider: { uuid: provider }, resources: { VCPU: 1 } }],
    });
    const keyed = (provider: string) => ({ allocations: { [provider]: { resources: { VCPU: 1 } } } });
    const owner = { project_id: 'p', user_id: 'u' };
    test.each([
      ['1.0', list, {}],
      ['1.8', list, owner],
      ['1.12', keyed, owner],
      ['1.28', keyed, { ...owner, consumer_generation: null }],
      ['1.34', keyed, { ...owner, consumer_generation: null, mappings: { '': [newUuid()] } }],
      ['1.38', keyed, { ...owner, consumer_generation: null, consumer_type: 'MIGRATION' }],
    ] as const)('%s', async (version, allocations, rest) => {
      const provider = await newProvider();
      const path = `/allocations/${newUuid()}`;
      const body = { ...allocations(provider), ...rest };
      expect((await placement.put(path, body, version)).status).toBe(204);
      expect(await used(provider)).toMatchObject({ VCPU: 1 });
      for (const other of ['1.0', '1.8', '1.12', '1.28', '1.38'].filter((v) => v !== version)) {
        if (version === '1.34' && other === '1.28') continue;
        expect([other, (await placement.put(`/allocations/${newUuid()}`, body, other)).status]).toEqual([
          other,
          400,
        ]);
      }
    });
  });

  test('what old versions left out shows in new ones', async () => {
    const provider = await newProvider();
    const consumer = newUuid();
    const body = { allocations: [{ resource_provider: { uuid: provider }, resources: { VCPU: 1 } }] };
    await placement.put(`/allocations/${consumer}`, body, '1.7');
    expect((await placement.get(`/allocations/${consumer}`)).body).toMatchObject({
      project_id: '00000000-0000-0000-0000-000000000000',
      user_id: '00000000-0000-0000-0000-000000000000',
      consumer_type: 'unknown',
    });
  });

  describe('an inventory gives', () => {
    const inventory = { total: 10, reserved: 2, min_unit: 2, max_unit: 6, step_size: 2, allocation_ratio: 2 };
    test.each([
      [4, 204, ''],
      [1, 409, 'would violate inventory constraints'],
      [8, 409, 'would violate inventory constraints'],
      [3, 409, 'would violate inventory constraints'],
    ])('%i: %i', async (amount, status, words) => {
      const provider = await newProvider({ VCPU: inventory });
      const answer = await placement.put(
        `/allocations/${newUuid()}`,
        allocationBody({ [provider]: { VCPU: amount } }),
      );
      expect(answer.status).toBe(status);
      if (words) expect(answer.body.errors[0].detail).toContain(words);
    });

    test('no more than total less reserved, times ratio', async () => {
      const provider = await newProvider({ VCPU: inventory });
      for (const vcpus of [6, 6, 4]) await placement.allocate({ [provider]: { VCPU: vcpus } });
      const answer = await placement.put(
        `/allocations/${newUuid()}`,
        allocationBody({ [provider]: { VCPU: 2 } }),
      );
      expect(answer.body.errors[0].detail).toContain(
        `Unable to allocate inventory: Unable to create allocation for 'VCPU' on resource provider '${provider}'. The requested amount would exceed the capacity.`,
      );
    });

    test('what is over already, as long as it does not become more', async () => {
      const provider = await newProvider({ VCPU: 8 });
      const consumer = await placement.allocate({ [provider]: { VCPU: 8 } });
      await placement.put(`/resource_providers/${provider}/inventories/VCPU`, {
        resource_provider_generation: await placement.generation(provider),
        total: 4,
      });
      const again = (vcpus: number, generation: number) =>
        placement.put(
          `/allocations/${consumer}`,
          allocationBody({ [provider]: { VCPU: vcpus } }, generation),
        );
      expect((await again(9, 1)).status).toBe(409);
      expect((await again(7, 1)).status).toBe(204);
    });
  });

  test('what does not exist is refused', async () => {
    const provider = await newProvider({ VCPU: 8 });
    const refuse = async (path: string, allocations: Record<string, Record<string, number>>) =>
      (await placement.put(path, allocationBody(allocations))).body.errors[0];
    const path = `/allocations/${newUuid()}`;
    const nowhere = newUuid();
    expect(await refuse(path, { [nowhere]: { VCPU: 1 } })).toMatchObject({
      status: 400,
      detail: expect.stringContaining(`Allocation for resource provider '${nowhere}' that does not exist.`),
    });
    expect(await refuse(path, { [provider]: { COWS: 1 } })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('No such resource class COWS.'),
    });
    expect(await refuse(path, { [provider]: { DISK_GB: 1 } })).toMatchObject({
      status: 409,
      detail: expect.stringContaining(`Inventory for 'DISK_GB' on resource provider '${provider}' invalid.`),
    });
    expect(await refuse(path, { [provider]: { VCPU: 1, DISK_GB: 1 } })).toMatchObject({ status: 409 });
    expect(await refuse('/allocations/x', { [provider]: { VCPU: 1 } })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('Malformed consumer_uuid: x'),
    });
  });

  test('several consumers change together or not at all', async () => {
    const provider = await newProvider({ VCPU: 8 });
    const server = await placement.allocate({ [provider]: { VCPU: 8 } });
    const migration = newUuid();
    const moved = {
      [server]: allocationBody({}, 1),
      [migration]: { ...allocationBody({ [provider]: { VCPU: 8 } }), consumer_type: 'MIGRATION' },
    };
    const tooMuch = { ...moved, [newUuid()]: allocationBody({ [provider]: { VCPU: 1 } }) };
    expect((await placement.post('/allocations', tooMuch)).status).toBe(409);
    expect((await placement.get(`/allocations/${migration}`)).body.allocations).toEqual({});
    expect((await placement.post('/allocations', moved)).status).toBe(204);
    expect((await placement.get(`/allocations/${migration}`)).body.consumer_type).toBe('MIGRATION');
    expect((await placement.get(`/allocations/${server}`)).body).toEqual({ allocations: {} });
    expect((await placement.post('/allocations', moved, '1.12')).status).toBe(404);
  });
});
