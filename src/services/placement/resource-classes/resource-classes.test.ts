import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

describeEachEngine('resource classes', (databases) => {
  let placement: PlacementClient;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  test('standard classes come first, custom ones as they were made', async () => {
    const made = await placement.post('/resource_classes', { name: 'CUSTOM_Z' });
    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `${placement.api.origin}/resource_classes/CUSTOM_Z`,
    ]);
    expect((await placement.put('/resource_classes/CUSTOM_A')).status).toBe(201);
    expect((await placement.put('/resource_classes/CUSTOM_A')).status).toBe(204);
    const { body } = await placement.get('/resource_classes');
    const names = body.resource_classes.map((c: { name: string }) => c.name);
    expect(names.slice(0, 3)).toEqual(['VCPU', 'MEMORY_MB', 'DISK_GB']);
    expect(names.slice(-2)).toEqual(['CUSTOM_Z', 'CUSTOM_A']);
    expect((await placement.get('/resource_classes/CUSTOM_Z')).body).toEqual({
      name: 'CUSTOM_Z',
      links: [{ rel: 'self', href: '/resource_classes/CUSTOM_Z' }],
    });
    expect((await placement.get('/resource_classes', '1.1')).status).toBe(404);
  });

  test('names are custom and unique', async () => {
    await placement.post('/resource_classes', { name: 'CUSTOM_ONCE' });
    expect((await placement.post('/resource_classes', { name: 'CUSTOM_ONCE' })).status).toBe(409);
    for (const name of ['VCPU', 'CUSTOM_', 'custom_x'])
      expect((await placement.put(`/resource_classes/${name}`)).status).toBe(400);
  });

  test('up to 1.6 a class can be renamed, and what is held of it follows', async () => {
    await placement.put('/resource_classes/CUSTOM_OLD');
    const provider = await placement.provider('p', { inventories: { CUSTOM_OLD: 3 } });
    await placement.allocate({ [provider]: { CUSTOM_OLD: 2 } });
    const rename = (from: string, name: string) =>
      placement.put(`/resource_classes/${from}`, { name }, '1.6');
    expect((await rename('CUSTOM_OLD', 'CUSTOM_NEW')).body.name).toBe('CUSTOM_NEW');
    expect((await placement.get(`/resource_providers/${provider}/usages`)).body.usages).toEqual({
      CUSTOM_NEW: 2,
    });
    expect(
      (await placement.get('/resource_providers?resources=CUSTOM_NEW:1')).body.resource_providers,
    ).toHaveLength(1);
    expect((await rename('VCPU', 'CUSTOM_X')).status).toBe(400);
    expect((await rename('CUSTOM_OLD', 'CUSTOM_X')).status).toBe(404);
  });

  test('a custom class goes when there is no inventory of it, a standard one never', async () => {
    await placement.put('/resource_classes/CUSTOM_USED');
    const provider = await placement.provider('q', { inventories: { CUSTOM_USED: 3 } });
    expect((await placement.delete('/resource_classes/CUSTOM_USED')).status).toBe(409);
    await placement.delete(`/resource_providers/${provider}/inventories`);
    expect((await placement.delete('/resource_classes/CUSTOM_USED')).status).toBe(204);
    expect((await placement.delete('/resource_classes/CUSTOM_USED')).status).toBe(404);
    expect((await placement.delete('/resource_classes/VCPU')).status).toBe(400);
  });
});
