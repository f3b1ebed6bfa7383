import { afterAll, beforeAll, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { authenticatePersona } from '#test/support/personas.ts';
import { allocationBody, PlacementClient } from '#test/support/placement.ts';

describeEachEngine('the reshaper', (databases) => {
  let placement: PlacementClient;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  const reshape = (body: object, version?: string) =>
    placement.send('POST', '/reshaper', body, version, 'service');

  test('moves inventory and what is held of it to a child, all at once', async () => {
    const host = await placement.provider('host', { inventories: { VCPU: 8, VGPU: 2 } });
    const gpu = await placement.provider('gpu', { parent: host });
    const consumer = await placement.allocate({ [host]: { VCPU: 2, VGPU: 1 } });
    const shape = async () => ({
      inventories: {
        [host]: {
          resource_provider_generation: await placement.generation(host),
          inventories: { VCPU: { total: 8 } },
        },
        [gpu]: {
          resource_provider_generation: await placement.generation(gpu),
          inventories: { VGPU: { total: 2 } },
        },
      },
      allocations: {
        [consumer]: allocationBody({ [host]: { VCPU: 2 }, [gpu]: { VGPU: 1 } }, 1),
      },
    });
    const good = await shape();
    const stillUsed = { ...good, allocations: {} };
    expect((await reshape(stillUsed)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.inventory.inuse',
      detail: expect.stringContaining(`Inventory for 'VGPU' on resource provider '${host}' in use.`),
    });
    expect(await shape()).toEqual(good);
    expect((await reshape(good)).status).toBe(204);
    expect((await placement.get(`/resource_providers/${host}/usages`)).body.usages).toEqual({ VCPU: 2 });
    expect((await placement.get(`/resource_providers/${gpu}/usages`)).body.usages).toEqual({ VGPU: 1 });
    expect((await reshape(good)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.concurrent_update',
      detail: expect.stringContaining(`conflict for provider ${host}: actual:`),
    });
  });

  test('refuses what does not exist or does not fit', async () => {
    const host = await placement.provider('small', { inventories: { VCPU: 1 } });
    const shape = async (inventories: object) => ({
      inventories: {
        [host]: { resource_provider_generation: await placement.generation(host), inventories },
      },
      allocations: {},
    });
    const nowhere = newUuid();
    const missing = {
      inventories: { [nowhere]: { resource_provider_generation: 0, inventories: {} } },
      allocations: {},
    };
    expect((await reshape(missing)).body.errors[0]).toMatchObject({
      status: 400,
      code: 'placement.resource_provider.not_found',
    });
    expect((await reshape(await shape({ COWS: { total: 1 } }))).body.errors[0].detail).toContain(
      'malformed reshaper data: No such resource class COWS.',
    );
    const greedy = {
      ...(await shape({ VCPU: { total: 1 } })),
      allocations: { [newUuid()]: allocationBody({ [host]: { VCPU: 2 } }) },
    };
    expect((await reshape(greedy)).status).toBe(409);
    expect((await reshape({ inventories: {}, allocations: {} })).status).toBe(400);
    expect((await reshape(await shape({}), '1.29')).status).toBe(404);
  });

  test('is for services only', async () => {
    expect(authenticatePersona('admin')).toMatchObject({ roles: expect.not.arrayContaining(['service']) });
    expect((await placement.post('/reshaper', {})).status).toBe(403);
  });
});
