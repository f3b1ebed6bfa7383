import { afterAll, beforeAll, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

describeEachEngine('aggregates', (databases) => {
  let placement: PlacementClient;
  let path: string;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
    path = `/resource_providers/${await placement.provider('p')}/aggregates`;
  });
  afterAll(() => placement.close());

  test('up to 1.18 they are a bare list, and generations do not count', async () => {
    const aggregates = [newUuid(), newUuid()];
    expect((await placement.get(path, '1.0')).status).toBe(404);
    expect((await placement.put(path, aggregates, '1.1')).body).toEqual({ aggregates });
    expect(new Set((await placement.get(path, '1.18')).body.aggregates)).toEqual(new Set(aggregates));
    expect((await placement.put(path, { aggregates }, '1.18')).status).toBe(400);
  });

  test('from 1.19 on the generation must be known, and moves on', async () => {
    const { body } = await placement.get(path);
    const set = (generation: number) =>
      placement.put(path, { aggregates: [newUuid()], resource_provider_generation: generation });
    const generation = body.resource_provider_generation;
    expect((await set(generation)).body.resource_provider_generation).toBe(generation + 1);
    expect((await set(generation)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.concurrent_update',
    });
    expect((await placement.get(path)).body.aggregates).toHaveLength(1);
  });

  test('they are UUIDs, each once', async () => {
    expect((await placement.put(path, ['x'], '1.1')).status).toBe(400);
    const twice = newUuid();
    const answer = await placement.put(path, [twice, twice], '1.1');
    expect(answer.body.errors[0].detail).toContain('has non-unique elements');
  });
});
