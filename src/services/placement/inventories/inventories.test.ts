import { afterAll, beforeAll, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

describeEachEngine('inventories', (databases) => {
  let placement: PlacementClient;
  let count = 0;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  const newProvider = async () => {
    const uuid = newUuid();
    await placement.post('/resource_providers', { name: `p${++count}`, uuid });
    return `/resource_providers/${uuid}/inventories`;
  };

  test('one inventory is added with defaults, and only once', async () => {
    const path = await newProvider();
    const made = await placement.post(path, { resource_class: 'DISK_GB', total: 100 });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`${placement.api.origin}${path}/DISK_GB`);
    expect(made.body).toEqual({
      total: 100,
      reserved: 0,
      min_unit: 1,
      max_unit: 2147483647,
      step_size: 1,
      allocation_ratio: 1,
      resource_provider_generation: 1,
    });
    expect((await placement.get(`${path}/DISK_GB`)).body).toEqual(made.body);
    const again = await placement.post(path, { resource_class: 'DISK_GB', total: 1 });
    expect(again.body.errors[0]).toMatchObject({ status: 409, code: 'placement.concurrent_update' });
  });

  test('all are replaced at once, by a caller who knows the generation', async () => {
    const path = await newProvider();
    const set = (generation: number, inventories: object) =>
      placement.put(path, { resource_provider_generation: generation, inventories });
    expect(
      (await set(0, { VCPU: { total: 4, allocation_ratio: 1.5 }, DISK_GB: { total: 9 } })).body,
    ).toMatchObject({
      resource_provider_generation: 1,
      inventories: { VCPU: { allocation_ratio: 1.5 }, DISK_GB: { total: 9 } },
    });
    expect((await set(0, {})).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.concurrent_update',
      detail: expect.stringContaining('resource provider generation conflict'),
    });
    expect((await set(1, { VCPU: { total: 8 } })).body.resource_provider_generation).toBe(2);
    expect(Object.keys((await placement.get(path)).body.inventories)).toEqual(['VCPU']);
    for (const record of [{ total: 1 }, null]) expect((await set(2, { cows: record })).status).toBe(400);
  });

  test('one is updated and removed', async () => {
    const path = await newProvider();
    await placement.post(path, { resource_class: 'VCPU', total: 4 });
    const update = (generation: number, rest: object) =>
      placement.put(`${path}/VCPU`, { resource_provider_generation: generation, ...rest });
    expect((await update(1, { total: 5 })).body).toMatchObject({ total: 5, resource_provider_generation: 2 });
    expect((await update(1, { total: 6 })).status).toBe(409);
    const none = await placement.put(`${path}/DISK_GB`, { resource_provider_generation: 2, total: 1 });
    expect(none.body.errors[0].detail).toContain('No inventory of class DISK_GB found.');
    expect(none.status).toBe(400);
    expect((await placement.delete(`${path}/VCPU`)).status).toBe(204);
    expect((await placement.delete(`${path}/VCPU`)).status).toBe(404);
    expect((await placement.delete(`${path}/COWS`)).status).toBe(404);
  });

  test('what is reserved must leave something, or from 1.26 on at least be there', async () => {
    const path = await newProvider();
    const full = { resource_class: 'VCPU', total: 4, reserved: 4 };
    expect((await placement.post(path, full, '1.25')).status).toBe(400);
    expect((await placement.post(path, { ...full, reserved: 5 })).status).toBe(400);
    expect((await placement.post(path, full)).status).toBe(201);
  });

  test('what is in use stays', async () => {
    const provider = await placement.provider('busy', { inventories: { VCPU: 4, DISK_GB: 10 } });
    const path = `/resource_providers/${provider}/inventories`;
    await placement.allocate({ [provider]: { VCPU: 1, DISK_GB: 1 } });
    const inUse = `Inventory for 'VCPU, DISK_GB' on resource provider '${provider}' in use.`;
    expect((await placement.delete(path)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.inventory.inuse',
      detail: expect.stringContaining(inUse),
    });
    expect((await placement.delete(`${path}/VCPU`)).body.errors[0].code).toBe('placement.concurrent_update');
    // it may shrink under what is allocated, though
    const generation = await placement.generation(provider);
    const shrunk = { DISK_GB: { total: 1 }, VCPU: { total: 1 } };
    expect(
      (await placement.put(path, { resource_provider_generation: generation, inventories: shrunk })).status,
    ).toBe(200);
  });

  test('ratios are shown with a fraction', async () => {
    const path = await newProvider();
    await placement.post(path, { resource_class: 'VCPU', total: 4, allocation_ratio: 16 });
    const answer = await fetch(placement.api.origin + path, { headers: { 'x-auth-token': 'admin' } });
    expect(await answer.text()).toContain('"allocation_ratio":16.0}');
  });

  test('all can be removed from 1.5 on', async () => {
    const path = await newProvider();
    await placement.post(path, { resource_class: 'VCPU', total: 4 });
    const early = await placement.delete(path, '1.4');
    expect([early.status, early.body.errors[0].detail]).toEqual([
      405,
      'The method DELETE is not allowed for this resource. \n\n ',
    ]);
    expect((await placement.delete(path, '1.5')).status).toBe(204);
    expect((await placement.get(path)).body).toEqual({ resource_provider_generation: 2, inventories: {} });
  });

  test.each([
    [{ resource_class: 'VCPU', total: 0 }, 'is less than the minimum of 1'],
    [{ resource_class: 'VCPU', total: 2147483648 }, "Failed validating 'maximum'"],
    [{ resource_class: 'vcpu', total: 1 }, "Failed validating 'pattern'"],
    [{ resource_class: 'VCPU' }, "'total' is a required property"],
    [{ resource_class: 'HOUSE', total: 1 }, 'No such resource class HOUSE'],
    ['{"resource_class":', 'Malformed JSON'],
  ])('%j is refused', async (body, words) => {
    const answer = await placement.post(await newProvider(), body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].detail).toContain(words);
  });

  test('the provider must exist', async () => {
    const path = `/resource_providers/${newUuid()}/inventories`;
    expect((await placement.get(path)).status).toBe(404);
    // even when the body is wrong as well, but only for those who may know
    expect((await placement.put(path, {})).status).toBe(404);
    expect((await placement.send('PUT', path, {}, 'latest', 'member')).status).toBe(403);
  });
});
