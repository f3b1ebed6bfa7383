import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient, RequestOptions } from '#test/support/api-client.ts';
import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';

const small = { name: 'small', id: '1', ram: 512, vcpus: 1, disk: 1 };

describeEachEngine('flavors', (databases) => {
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await startCompute(await databases.open());
    client = cloud.client;
    await create(small);
    await create({ name: 'large', id: '2', ram: '4096', vcpus: 4, disk: 40, swap: 64, rxtx_factor: '1.5' });
    await create({
      name: 'secret',
      id: '3',
      ram: 1024,
      vcpus: 1,
      disk: 0,
      'os-flavor-access:is_public': 'no',
    });
  });
  afterAll(() => cloud.close());

  const create = (flavor: object, options?: RequestOptions) => client.post('/flavors', { flavor }, options);
  const ids = async (path: string, options?: RequestOptions) =>
    (await client.get(path, options)).body.flavors.map((f: { id: string }) => f.id);

  test('a flavor is shown with every field of its version', async () => {
    const links = [
      { rel: 'self', href: `${client.origin}/v2.1/flavors/1` },
      { rel: 'bookmark', href: `${client.origin}/flavors/1` },
    ];
    const first = {
      id: '1',
      name: 'small',
      ram: 512,
      vcpus: 1,
      disk: 1,
      swap: '',
      rxtx_factor: 1,
      'OS-FLV-EXT-DATA:ephemeral': 0,
      'OS-FLV-DISABLED:disabled': false,
      'os-flavor-access:is_public': true,
      links,
    };
    expect((await client.get('/flavors/1')).body.flavor).toEqual(first);
    const described = { ...first, description: null };
    expect((await client.get('/flavors/1', asVersion('2.55'))).body.flavor).toEqual(described);
    const withSpecs = { ...described, extra_specs: {} };
    expect((await client.get('/flavors/1', asVersion('2.61'))).body.flavor).toEqual(withSpecs);
    expect((await client.get('/flavors/1', asVersion('2.75'))).body.flavor).toEqual({
      ...withSpecs,
      swap: 0,
    });
    const { rxtx_factor: _, 'OS-FLV-DISABLED:disabled': __, ...rest } = withSpecs;
    expect((await client.get('/flavors/1', asVersion('2.102'))).body.flavor).toEqual({ ...rest, swap: 0 });
    expect((await client.get('/flavors', asVersion('2.54'))).body.flavors[0]).toEqual({
      id: '1',
      name: 'small',
      links,
    });
  });

  test('a flavor made under a version shows what that version knows', async () => {
    const made = await create(
      { name: 'described', ram: 1, vcpus: 1, disk: 0, description: 'so small' },
      asVersion('2.61'),
    );
    expect(made.status).toBe(200);
    expect(made.body.flavor).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      description: 'so small',
      extra_specs: {},
    });
    const { id } = made.body.flavor;
    const changed = await client.put(`/flavors/${id}`, { flavor: { description: null } }, asVersion('2.55'));
    expect(changed.body.flavor).toMatchObject({ id, description: null });
    expect((await client.put(`/flavors/${id}`, { flavor: { description: 'x' } })).status).toBe(404);
    expect((await client.delete(`/flavors/${id}`)).status).toBe(202);
    expect((await client.get(`/flavors/${id}`)).body).toEqual({
      itemNotFound: { code: 404, message: `Flavor ${id} could not be found.` },
    });
    expect((await client.delete(`/flavors/${id}`)).status).toBe(404);
  });

  test('ids and names are unique', async () => {
    expect((await create({ ...small, name: 'other' })).body.conflictingRequest.message).toBe(
      'Flavor with ID 1 already exists.',
    );
    expect((await create({ ...small, id: 'other' })).body.conflictingRequest.message).toBe(
      'Flavor with name small already exists.',
    );
  });

  test.each([
    [
      'a name with space around',
      { name: ' x' },
      "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.",
    ],
    [
      'no memory',
      { ram: 0 },
      'Invalid input for field/attribute ram. Value: 0. 0 is less than the minimum of 1',
    ],
    [
      'no memory, as text',
      { ram: '0' },
      'Invalid input for field/attribute ram. Value: 0. 0 is less than the minimum of 1',
    ],
    [
      'too many CPUs',
      { vcpus: '2147483648' },
      'Invalid input for field/attribute vcpus. Value: 2147483648. 2147483648 is greater than the maximum of 2147483647',
    ],
    ['an id with a slash', { id: 'a/b' }, expect.stringContaining('Invalid input for field/attribute id.')],
    [
      'a field of a later version',
      { description: 'x' },
      expect.stringContaining("('description' was unexpected)"),
    ],
    ['no factor', { rxtx_factor: '0' }, expect.stringContaining("'rxtx_factor' argument must be a float")],
  ])('%s is refused', async (_, fields, message) => {
    const refused = await create({ ...small, name: 'x', id: 'x', ...fields });
    expect(refused.body).toEqual({ badRequest: { code: 400, message } });
  });

  test('only administrators see what is not public, and only when they ask', async () => {
    expect(await ids('/flavors')).toEqual(['1', '2']);
    expect(await ids('/flavors?is_public=none')).toEqual(['1', '2', '3']);
    expect(await ids('/flavors?is_public=False')).toEqual(['3']);
    expect(await ids('/flavors?is_public=none', { as: 'member' })).toEqual(['1', '2']);
    expect((await client.get('/flavors/3', { as: 'member' })).status).toBe(404);
    expect((await client.get('/flavors?is_public=perhaps')).body.badRequest.message).toBe(
      'Invalid is_public filter [perhaps]',
    );
  });

  test('a flavor can be given to a project and taken away', async () => {
    const action = (name: string, tenant: string, version = '2.7') =>
      client.post('/flavors/3/action', { [name]: { tenant } }, asVersion(version));
    const given = await action('addTenantAccess', 'project-a');
    expect(given.body).toEqual({ flavor_access: [{ flavor_id: '3', tenant_id: 'project-a' }] });
    expect((await client.get('/flavors/3/os-flavor-access')).body).toEqual(given.body);
    expect(await ids('/flavors', { as: 'member' })).toEqual(['1', '2', '3']);
    expect(await ids('/flavors', { as: 'stranger' })).toEqual(['1', '2']);
    expect((await action('addTenantAccess', 'project-a')).body.conflictingRequest.message).toBe(
      'Flavor access already exists for flavor 3 and project project-a combination.',
    );
    expect((await action('addTenantAccess', 'nowhere')).body.badRequest.message).toBe(
      'Project ID nowhere is not a valid project.',
    );
    expect((await action('removeTenantAccess', 'project-a')).body).toEqual({ flavor_access: [] });
    expect((await action('removeTenantAccess', 'nowhere')).body.itemNotFound.message).toBe(
      'Flavor access not found for 3 / nowhere combination.',
    );
    expect(await ids('/flavors', { as: 'member' })).toEqual(['1', '2']);
    expect((await client.get('/flavors/1/os-flavor-access')).status).toBe(404);
    const toPublic = { addTenantAccess: { tenant: 'project-b' } };
    expect((await client.post('/flavors/1/action', toPublic, asVersion('2.7'))).status).toBe(409);
    expect((await client.post('/flavors/1/action', toPublic)).status).toBe(200);
    expect((await client.post('/flavors/1/action', { nothing: {} })).body.badRequest.message).toBe(
      'There is no such action: nothing',
    );
  });

  test('lists are filtered, sorted and paged', async () => {
    expect(await ids('/flavors?minRam=513')).toEqual(['2']);
    expect(await ids('/flavors/detail?minDisk=1')).toEqual(['1', '2']);
    expect((await client.get('/flavors?minDisk=big')).body.badRequest.message).toBe(
      'Invalid minDisk filter [big]',
    );
    expect(await ids('/flavors?sort_key=memory_mb&sort_dir=desc&is_public=None')).toEqual(['2', '3', '1']);
    expect(await ids('/flavors?name=^l', asVersion('2.102'))).toEqual(['2']);
    expect(await ids('/flavors?name=^l', asVersion('2.74'))).toEqual(['1', '2']);
    expect((await client.get('/flavors?name=(', asVersion('2.102'))).status).toBe(400);
    expect((await client.get('/flavors?sort_key=rxtx_factor', asVersion('2.102'))).status).toBe(400);
    expect((await client.get('/flavors?sort_key=rxtx_factor', asVersion('2.101'))).status).toBe(200);
    expect((await client.get('/flavors?colour=red', asVersion('2.75'))).body.badRequest.message).toBe(
      "Additional properties are not allowed ('colour' was unexpected)",
    );

    const page = await client.get('/flavors/detail?limit=1&sort_dir=asc');
    expect(page.body.flavors.map((f: { id: string }) => f.id)).toEqual(['1']);
    const [next] = page.body.flavors_links;
    expect(next).toEqual({
      rel: 'next',
      href: `${client.origin}/v2.1/flavors/detail?limit=1&sort_dir=asc&marker=1`,
    });
    expect(await ids(next.href.replace(`${client.origin}/v2.1`, ''))).toEqual(['2']);
    expect((await client.get('/flavors?limit=5')).body.flavors_links).toBeUndefined();
    expect((await client.get('/flavors?marker=none')).body.badRequest.message).toBe(
      'marker [none] not found',
    );
    expect((await client.get('/flavors?limit=-1')).body.badRequest.message).toMatch(
      /^Invalid input for query parameters limit. Value: -1./,
    );
  });

  test('lists rendered before do not outlive a change', async () => {
    expect(await ids('/flavors')).toEqual(['1', '2']);
    await create({ name: 'new', id: '10', ram: 1, vcpus: 1, disk: 1 });
    expect(await ids('/flavors')).toEqual(['1', '10', '2']);
    await client.delete('/flavors/10');
    expect(await ids('/flavors')).toEqual(['1', '2']);
  });

  test('extra specs are set, shown and removed', async () => {
    const path = '/flavors/2/os-extra_specs';
    const made = await client.post(path, { extra_specs: { 'hw:cpu_policy': 'shared', weight: 3 } });
    expect(made.body).toEqual({ extra_specs: { 'hw:cpu_policy': 'shared', weight: 3 } });
    const all = { 'hw:cpu_policy': 'shared', weight: '3' };
    expect((await client.get(path)).body).toEqual({ extra_specs: all });
    expect((await client.get('/flavors/2', asVersion('2.61'))).body.flavor.extra_specs).toEqual(all);
    expect((await client.put(`${path}/weight`, { weight: '4' })).body).toEqual({ weight: '4' });
    expect((await client.get(`${path}/weight`, { as: 'reader' })).body).toEqual({ weight: '4' });
    expect((await client.put(`${path}/weight`, { other: '4' })).body.badRequest.message).toBe(
      'Request body and URI mismatch',
    );
    expect((await client.put(`${path}/weight`, { weight: '4', other: '4' })).status).toBe(400);
    expect((await client.delete(`${path}/weight`)).status).toBe(200);
    for (const answer of [await client.get(`${path}/weight`), await client.delete(`${path}/weight`)]) {
      expect(answer.body.itemNotFound.message).toBe('Flavor 2 has no extra specs with key weight.');
    }
    expect((await client.post(path, { extra_specs: { 'a/b': 'x' } })).status).toBe(400);
    expect((await client.post(path, { extra_specs: { 'hw:cpu_policy': 'odd' } })).status).toBe(200);
    const checked = await client.post(path, { extra_specs: { 'hw:cpu_policy': 'odd' } }, asVersion('2.86'));
    expect(checked.body.badRequest.message).toBe(
      "Validation failed; 'odd' is not one of: dedicated, shared, mixed.",
    );
  });

  test('changing flavors is for administrators', async () => {
    for (const as of ['member', 'manager'] as const) {
      expect((await create(small, { as })).status).toBe(403);
      expect((await client.delete('/flavors/1', { as })).status).toBe(403);
      expect((await client.post('/flavors/1/os-extra_specs', {}, { as })).status).toBe(403);
      expect((await client.get('/flavors/1/os-flavor-access', { as })).status).toBe(403);
    }
  });
});
