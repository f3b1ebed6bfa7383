import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

describeEachEngine('resource providers', (databases) => {
  let placement: PlacementClient;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  const names = (answer: { body: { resource_providers: { name: string }[] } }) =>
    answer.body.resource_providers.map((p) => p.name);

  test('a provider is made, shown, renamed and removed', async () => {
    const uuid = newUuid();
    const made = await placement.post('/resource_providers', { name: 'one', uuid });
    expect(made.status).toBe(200);
    expect(made.headers.get('location')).toBe(`${placement.api.origin}/resource_providers/${uuid}`);
    expect(made.body).toEqual({
      uuid,
      name: 'one',
      generation: 0,
      parent_provider_uuid: null,
      root_provider_uuid: uuid,
      links: ['', '/inventories', '/usages', '/aggregates', '/traits', '/allocations'].map((path) => ({
        rel: path.slice(1) || 'self',
        href: `/resource_providers/${uuid}${path}`,
      })),
    });
    expect((await placement.get(`/resource_providers/${uuid}`)).body).toEqual(made.body);
    const renamed = await placement.put(`/resource_providers/${uuid}`, { name: 'uno' });
    expect(renamed.body).toMatchObject({ name: 'uno', generation: 0 });
    expect((await placement.delete(`/resource_providers/${uuid}`)).status).toBe(204);
    const gone = await placement.get(`/resource_providers/${uuid}`);
    expect(gone.body.errors[0]).toMatchObject({
      status: 404,
      title: 'Not Found',
      detail: `The resource could not be found.\n\n No resource provider with uuid ${uuid} found  `,
      code: 'placement.undefined_code',
      request_id: gone.headers.get('x-openstack-request-id'),
    });
  });

  test('old microversions answer less', async () => {
    const made = await placement.post('/resource_providers', { name: 'old' }, '1.0');
    expect([made.status, made.body]).toEqual([201, '']);
    const path = new URL(made.headers.get('location')!).pathname;
    const shown = await placement.get(path, '1.0');
    expect(Object.keys(shown.body)).toEqual(['uuid', 'name', 'generation', 'links']);
    expect(shown.body.links).toHaveLength(3);
    expect(shown.headers.get('last-modified')).toBeNull();
    const later = await placement.get(path, '1.15');
    expect(later.headers.get('cache-control')).toBe('no-cache');
    expect(Date.parse(later.headers.get('last-modified')!)).toBeLessThanOrEqual(Date.now());
  });

  test('UUIDs and names are unique; a UUID may come without dashes', async () => {
    const uuid = newUuid();
    const undashed = uuid.replaceAll('-', '').toUpperCase();
    const made = await placement.post('/resource_providers', { name: 'twin', uuid: undashed });
    expect(made.body.uuid).toBe(uuid);
    const again = await placement.post('/resource_providers', { name: 'twin' });
    expect(again.body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.duplicate_name',
      detail: expect.stringContaining('Conflicting resource provider name: twin already exists.'),
    });
    expect((await placement.post('/resource_providers', { name: 'other', uuid })).status).toBe(409);
    const other = await placement.provider('other twin');
    expect((await placement.put(`/resource_providers/${other}`, { name: 'twin' })).status).toBe(409);
  });

  test('providers form trees without circles', async () => {
    const root = await placement.provider('root');
    const child = await placement.provider('child', { parent: root });
    const leaf = await placement.provider('leaf', { parent: child });
    expect(names(await placement.get(`/resource_providers?in_tree=${leaf}`))).toEqual([
      'root',
      'child',
      'leaf',
    ]);
    expect((await placement.delete(`/resource_providers/${root}`)).body.errors[0]).toMatchObject({
      status: 409,
      code: 'placement.resource_provider.cannot_delete_parent',
    });
    const move = (uuid: string, parent: string | null, version = 'latest') =>
      placement.put(
        `/resource_providers/${uuid}`,
        { name: `moved ${uuid}`, parent_provider_uuid: parent },
        version,
      );
    expect((await move(root, leaf)).body.errors[0].detail).toContain('creating loop');
    expect((await move(child, null, '1.36')).body.errors[0].detail).toContain('un-parenting');
    const other = await placement.provider('other root');
    expect((await move(child, other, '1.36')).body.errors[0].detail).toContain('re-parenting');
    expect((await move(child, newUuid())).body.errors[0].detail).toContain('does not exist');
    expect((await move(child, 'x')).body.errors[0].detail).toContain("'x' is not a 'uuid'");

    expect((await move(child, other)).body).toMatchObject({ root_provider_uuid: other });
    expect((await placement.get(`/resource_providers/${leaf}`)).body.root_provider_uuid).toBe(other);
    expect((await move(child, null)).body).toMatchObject({
      parent_provider_uuid: null,
      root_provider_uuid: child,
    });
    expect((await placement.get(`/resource_providers/${leaf}`)).body.root_provider_uuid).toBe(child);
    expect((await placement.get(`/resource_providers?in_tree=${newUuid()}`)).body.resource_providers).toEqual(
      [],
    );
  });

  test('lists are filtered by name, resources, traits and aggregates', async () => {
    const [a, b] = [newUuid(), newUuid()];
    await placement.provider('f1', { inventories: { VCPU: 4 }, traits: ['HW_CPU_X86_AVX'], aggregates: [a] });
    await placement.provider('f2', { inventories: { VCPU: 8 }, traits: ['CUSTOM_GOLD'], aggregates: [a, b] });
    const list = async (query: string) => names(await placement.get(`/resource_providers?${query}`));
    expect(await list('name=f1')).toEqual(['f1']);
    expect(await list('resources=VCPU:8')).toEqual(['f2']);
    expect(await list(`member_of=${a}&resources=VCPU:1`)).toEqual(['f1', 'f2']);
    expect(await list(`member_of=${a}&member_of=${b}`)).toEqual(['f2']);
    expect(await list(`member_of=in:${newUuid()},${b}`)).toEqual(['f2']);
    expect(await list(`member_of=${a}&member_of=!${b}`)).toEqual(['f1']);
    expect(await list(`member_of=${a}&required=!CUSTOM_GOLD`)).toEqual(['f1']);
    expect(await list('required=in:CUSTOM_GOLD,HW_CPU_X86_AVX&required=CUSTOM_GOLD')).toEqual(['f2']);
  });

  describe('queries that make no sense are refused', () => {
    test.each([
      ['colour=red', 'latest', "'colour' was unexpected"],
      ['member_of=x', 'latest', "Expected 'member_of' parameter to contain valid UUID(s). Got: x"],
      [`member_of=!${newUuid()}`, '1.31', 'Forbidden member_of parameters are not supported'],
      [`member_of=${newUuid()}&member_of=${newUuid()}`, '1.23', 'Multiple member_of parameters'],
      ['resources=VCPU', 'latest', 'Badly formed resources parameter'],
      ['resources=VCPU:x', 'latest', 'expected positive integer amount. Got: x.'],
      ['resources=VCPU:0', 'latest', 'requires amount >= 1. Got: 0.'],
      ['resources=COWS:1', 'latest', 'No such resource class COWS.'],
      ['required=CUSTOM_NONE', 'latest', 'No such trait(s): CUSTOM_NONE.'],
      ['required=!HW_CPU_X86_AVX', '1.21', 'Got: !HW_CPU_X86_AVX'],
      ['required=in:HW_CPU_X86_AVX', '1.38', 'only supported since microversion 1.39'],
      ['required=HW_CPU_X86_AVX,', 'latest', 'Got an empty trait in'],
      ['required=in:HW_CPU_X86_AVX,!CUSTOM_X', 'latest', 'does not support forbidden traits'],
      ['in_tree=x', 'latest', "'x' is not a 'uuid'"],
      ['required=HW_CPU_X86_AVX', '1.17', "'required' was unexpected"],
    ])('%s in %s', async (query, version, words) => {
      const answer = await placement.get(`/resource_providers?${query}`, version);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].detail).toContain(words);
    });
  });

  test('only administrators and services in a project may', async () => {
    const as = (persona: string) =>
      placement.send('GET', '/resource_providers', undefined, 'latest', persona);
    expect((await as('admin')).status).toBe(200);
    for (const persona of ['systemAdmin', 'member', 'reader', 'unscoped']) {
      const refused = await as(persona);
      expect(refused.body.errors[0]).toMatchObject({
        status: 403,
        detail: expect.stringContaining(
          'Policy does not allow placement:resource_providers:list to be performed.',
        ),
      });
    }
  });
});
