import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

describeEachEngine('traits', (databases) => {
  let placement: PlacementClient;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  const traits = async (query = '') => (await placement.get(`/traits${query}`)).body.traits as string[];

  test('standard traits exist, custom ones are made', async () => {
    const standard = await traits();
    expect(standard.length).toBeGreaterThan(300);
    expect(standard).toContain('COMPUTE_VOLUME_MULTI_ATTACH');
    expect((await placement.get('/traits/HW_CPU_X86_AVX2')).status).toBe(204);
    expect((await placement.get('/traits/CUSTOM_A')).status).toBe(404);
    const made = await placement.put('/traits/CUSTOM_A');
    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `${placement.api.origin}/traits/CUSTOM_A`,
    ]);
    expect((await placement.put('/traits/CUSTOM_A')).status).toBe(204);
    for (const bad of ['FOO', 'CUSTOM_', 'CUSTOM_a', `CUSTOM_${'A'.repeat(250)}`])
      expect((await placement.put(`/traits/${bad}`)).status).toBe(400);
    expect((await placement.get('/traits', '1.5')).status).toBe(404);
  });

  test('lists are filtered by name and use', async () => {
    await placement.provider('uses B', { traits: ['CUSTOM_B', 'HW_CPU_X86_SSE'] });
    await placement.put('/traits/CUSTOM_C');
    expect(await traits('?name=in:CUSTOM_B,CUSTOM_C,CUSTOM_X')).toEqual(['CUSTOM_B', 'CUSTOM_C']);
    expect(await traits('?name=startswith:CUSTOM_B')).toEqual(['CUSTOM_B']);
    expect(await traits('?associated=true')).toEqual(['HW_CPU_X86_SSE', 'CUSTOM_B']);
    expect(await traits('?associated=False&name=startswith:CUSTOM')).not.toContain('CUSTOM_B');
    expect((await placement.get('/traits?name=CUSTOM')).status).toBe(400);
    expect((await placement.get('/traits?associated=maybe')).status).toBe(400);
  });

  test('traits of a provider are replaced by those who know its generation', async () => {
    const provider = await placement.provider('p', { traits: ['CUSTOM_D'] });
    const path = `/resource_providers/${provider}/traits`;
    const generation = await placement.generation(provider);
    const set = (names: string[], generation: number) =>
      placement.put(path, { traits: names, resource_provider_generation: generation });
    expect((await set(['CUSTOM_D'], generation)).body).toEqual({
      traits: ['CUSTOM_D'],
      resource_provider_generation: generation,
    });
    expect((await set(['HW_CPU_X86_SSE'], generation)).body.resource_provider_generation).toBe(
      generation + 1,
    );
    expect((await set([], generation)).body.errors[0].code).toBe('placement.concurrent_update');
    const unknown = await set(['CUSTOM_NONE', 'NONE'], generation + 1);
    expect(unknown.body.errors[0].detail).toContain('No such trait CUSTOM_NONE, NONE');
    expect((await placement.delete(path)).status).toBe(204);
    expect((await placement.get(path)).body).toEqual({
      traits: [],
      resource_provider_generation: generation + 2,
    });
  });

  test('a custom trait goes when no provider has it, a standard one never', async () => {
    await placement.provider('keeps it', { traits: ['CUSTOM_E'] });
    expect((await placement.delete('/traits/CUSTOM_E')).status).toBe(409);
    await placement.put('/traits/CUSTOM_F');
    expect((await placement.delete('/traits/CUSTOM_F')).status).toBe(204);
    expect((await placement.delete('/traits/CUSTOM_F')).status).toBe(404);
    expect((await placement.delete('/traits/HW_CPU_X86_SSE')).status).toBe(400);
  });
});
