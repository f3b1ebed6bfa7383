import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('images', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  describe('creation', () => {
    test('answers the image, where it is, and how it may be filled', async () => {
      const answer = await client.post('/images', {
        name: 'cirros',
        disk_format: 'qcow2',
        container_format: 'bare',
        min_ram: 64,
        tags: ['small', 'small'],
        hw_disk_bus: 'virtio',
        kernel_id: null,
      });
      expect(answer.status).toBe(201);
      const { id, created_at } = answer.body;
      expect(answer.body).toEqual({
        id,
        name: 'cirros',
        status: 'queued',
        visibility: 'shared',
        owner: 'project-a',
        disk_format: 'qcow2',
        container_format: 'bare',
        size: null,
        virtual_size: null,
        checksum: null,
        os_hash_algo: null,
        os_hash_value: null,
        min_disk: 0,
        min_ram: 64,
        protected: false,
        os_hidden: false,
        tags: ['small'],
        hw_disk_bus: 'virtio',
        kernel_id: null,
        created_at,
        updated_at: created_at,
        self: `/v2/images/${id}`,
        file: `/v2/images/${id}/file`,
        schema: '/v2/schemas/image',
      });
      expect(created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(answer.headers.get('location')).toBe(`${client.api.origin}/v2/images/${id}`);
      expect(answer.headers.get('openstack-image-import-methods')).toBe('glance-direct');
      expect(answer.headers.get('openstack-image-store-ids')).toBe('file');
      expect((await client.get(`/images/${id}`)).body).toEqual(answer.body);
    });

    test('takes an id of the caller’s, once', async () => {
      const id = 'f0f0f0f0-1111-4222-8333-444444444444';
      expect((await client.post('/images', { id })).body).toMatchObject({ id, name: null });
      const again = await client.post('/images', { id });
      expect(again.status).toBe(409);
      expect(again.body).toContain(`Image ID ${id} already exists!`);
    });

    test.each([
      [{ self: 'x' }, 403, "Attribute 'self' is read-only."],
      [{ status: 'active' }, 403, "Attribute 'status' is read-only."],
      [{ size: 5 }, 403, "Attribute 'size' is read-only."],
      [{ location: 'x' }, 403, "Attribute 'location' is reserved."],
      [{ os_glance_import_task: 'x' }, 403, "Attribute 'os_glance_import_task' is reserved."],
      [{ locations: [] }, 403, "Attribute 'locations' is reserved."],
      [{ owner: 'project-b' }, 403, "You are not permitted to create images owned by 'project-b'"],
      [{ visibility: 'public' }, 403, 'You are not authorized to complete publicize_image action.'],
      [{ visibility: 'secret' }, 400, "'secret' is not one of ['community', 'public', 'private', 'shared']"],
      [
        { disk_format: 'floppy' },
        400,
        "Provided object does not match schema 'image': 'floppy' is not one of",
      ],
      [{ number: 5 }, 400, "5 is not of type 'string'"],
      [{ id: 'short' }, 400, "'short' does not match"],
      [{ min_disk: -1 }, 400, "Invalid value '-1' for parameter 'min_disk': Cannot be a negative value"],
      [{ min_ram: 2_147_483_648 }, 400, "'min_ram' value out of range, must not exceed 2147483647."],
      [{ ['p'.repeat(256)]: 'x' }, 400, 'Custom property should not be greater than 255 characters.'],
      [
        Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`p${i}`, 'x'])),
        413,
        'Attempted: 129, Maximum: 128',
      ],
      [{ tags: Array.from({ length: 129 }, (_, i) => `t${i}`) }, 413, 'number of allowed image tags'],
    ])('refuses %j', async (body, status, words) => {
      const answer = await client.send('POST', '/images', { body, headers: { accept: 'application/json' } });
      expect(answer.body).toMatchObject({
        message: expect.stringContaining(words),
        code: expect.stringMatching(`^${status} `),
      });
      expect(answer.status).toBe(status);
    });

    test('bodies that are none', async () => {
      const empty = await client.send('POST', '/images');
      expect([empty.status, empty.body]).toEqual([400, expect.stringContaining('Body expected in request.')]);
      const broken = await client.send('POST', '/images', { body: '{' });
      expect([broken.status, broken.body]).toEqual([
        400,
        expect.stringContaining('Malformed JSON in request body.'),
      ]);
    });

    test('an administrator makes images for others, and public ones', async () => {
      const answer = await client.post('/images', { owner: 'project-a', visibility: 'public' }, 'admin');
      expect(answer.body).toMatchObject({ owner: 'project-a', visibility: 'public' });
    });

    test('needs the role member', async () => {
      expect((await client.post('/images', {}, 'reader')).status).toBe(403);
      expect((await client.post('/images', {}, 'systemAdmin')).status).toBe(403);
    });
  });

  describe('who sees what', () => {
    test.each([
      ['private', { reader: 200, stranger: 404, admin: 200, nobody: 404 }],
      ['shared', { reader: 200, stranger: 404, admin: 200, nobody: 404 }],
      ['community', { reader: 200, stranger: 200, admin: 200, nobody: 404 }],
      ['public', { reader: 200, stranger: 200, admin: 200, nobody: 404 }],
    ])('%s', async (visibility, expected) => {
      const { id } = await client.image({ visibility, owner: 'project-a' }, undefined, 'admin');
      const statuses: Record<string, number> = {};
      for (const as of Object.keys(expected)) statuses[as] = (await client.get(`/images/${id}`, as)).status;
      expect(statuses).toEqual(expected);
    });

    test('an image that is not there, or not to be seen', async () => {
      const { id } = await client.image({ visibility: 'private' });
      for (const path of [id, '0000']) {
        const answer = await client.get(`/images/${path}`, 'stranger');
        expect(answer.status).toBe(404);
        expect(answer.body).toContain(`No image found with ID ${path}`);
      }
    });

    test('another’s image can be seen but not touched', async () => {
      const { id } = await client.image({ visibility: 'community' });
      const patched = await client.patch(id, [{ op: 'replace', path: '/name', value: 'x' }], 'stranger');
      expect([patched.status, patched.body]).toEqual([
        403,
        expect.stringContaining('You are not authorized to complete modify_image action.'),
      ]);
      expect((await client.delete(`/images/${id}`, 'stranger')).status).toBe(403);
      expect((await client.delete(`/images/${id}`, 'nobody')).status).toBe(404);
    });
  });

  describe('patches', () => {
    const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

    test('change attributes and properties, all or none', async () => {
      const { id } = await client.image({ one: '1', two: '2', tags: ['a'] });
      client.running.clock.advance(5000);
      const answer = await client.patch(id, [
        replace('/name', 'renamed'),
        replace('/one', '11'),
        { op: 'remove', path: '/two' },
        { op: 'add', path: '/three~1four', value: '34' },
        replace('/tags', ['b', 'b', 'c']),
        replace('/min_disk', 3),
        replace('/protected', true),
        replace('/visibility', 'community'),
        replace('/os_hidden', true),
      ]);
      expect(answer.body).toMatchObject({
        name: 'renamed',
        one: '11',
        'three/four': '34',
        tags: ['b', 'c'],
        min_disk: 3,
        protected: true,
        visibility: 'community',
        os_hidden: true,
      });
      expect(answer.body).not.toHaveProperty('two');
      expect(answer.body.updated_at > answer.body.created_at).toBe(true);
      const failing = await client.patch(id, [replace('/name', 'again'), replace('/nothing', 'x')]);
      expect([failing.status, failing.body]).toEqual([
        409,
        expect.stringContaining('Property nothing does not exist.'),
      ]);
      expect((await client.get(`/images/${id}`)).body.name).toBe('renamed');
      expect(await client.names('one=11&os_hidden=true')).toEqual(['renamed']);
      expect(await client.names('two=2&os_hidden=true')).toEqual([]);
    });

    test.each([
      [{ a: 1 }, 400, 'Request body must be a JSON array of operation objects.'],
      [['x'], 400, 'Operations must be JSON objects.'],
      [[{ path: '/x' }], 400, 'Unable to find `op` in JSON Schema change.'],
      [[{ op: 'test', path: '/x' }], 400, 'Invalid operation: `test`.'],
      [[{ op: 'remove' }], 400, "Unable to find 'path' in JSON Schema change"],
      [[{ op: 'add', path: '/x' }], 400, 'Operation "add" requires a member named "value".'],
      [[{ op: 'remove', path: 'x' }], 400, 'Pointer `x` does not start with "/".'],
      [[{ op: 'remove', path: '/a//b' }], 400, 'contains adjacent "/".'],
      [[{ op: 'remove', path: '/a/' }], 400, 'end with "/".'],
      [[{ op: 'remove', path: '/a~2' }], 400, 'recognized escape sequence.'],
      [[{ op: 'remove', path: '/a/b' }], 400, "Invalid JSON pointer for this resource: '/a/b'"],
      [[replace('/name', 5)], 400, "5 is not of type 'null', 'string'"],
      [[replace('/min_ram', -1)], 400, "Invalid value '-1' for parameter 'min_ram'"],
      [[replace('/status', 'active')], 403, "Attribute 'status' is read-only."],
      [[replace('/location', 'x')], 403, "Attribute 'location' is reserved."],
      [[replace('/owner', 'project-b')], 403, "Owner can't be updated by non admin."],
      [[{ op: 'add', path: '/owner', value: 'project-b' }], 403, "Owner can't be updated by non admin."],
      [[replace('/visibility', 'public')], 403, 'You are not authorized to complete publicize_image action.'],
      [[{ op: 'remove', path: '/name' }], 403, 'Property name may not be removed.'],
      [[{ op: 'remove', path: '/absent' }], 409, 'Property absent does not exist.'],
      [[replace('/locations', [])], 403, 'Cannot set locations to empty list.'],
      [
        [{ op: 'remove', path: '/locations/0' }],
        403,
        "It's not allowed to remove locations if locations are invisible.",
      ],
      [
        [
          replace(
            '/tags',
            Array.from({ length: 129 }, (_, i) => `t${i}`),
          ),
        ],
        413,
        'number of allowed image tags',
      ],
      [
        Array.from({ length: 129 }, (_, i) => ({ op: 'add', path: `/p${i}`, value: 'x' })),
        413,
        'number of allowed image properties',
      ],
    ])('refuses %j', async (body, status, words) => {
      const { id } = await client.image();
      const answer = await client.patch(id, body);
      expect([answer.status, answer.body.replaceAll('&quot;', '"').replaceAll('&#x27;', "'")]).toEqual([
        status,
        expect.stringContaining(words),
      ]);
    });

    test('the older draft adds only what is not there', async () => {
      const { id } = await client.image({ there: '1' });
      const patch = (body: unknown) =>
        client.send('PATCH', `/images/${id}`, {
          body,
          headers: { 'content-type': 'application/openstack-images-v2.0-json-patch' },
        });
      expect((await patch([{ add: '/new', value: '2' }])).body.new).toBe('2');
      const there = await patch([{ add: '/there', value: '2' }]);
      expect([there.status, there.body]).toEqual([
        409,
        expect.stringContaining('Property there already present.'),
      ]);
      expect((await patch([{ replace: '/there', value: '3' }, { remove: '/new' }])).body.there).toBe('3');
      expect((await patch([{ add: '/a', remove: '/a' }])).status).toBe(400);
      expect((await patch([{}])).status).toBe(400);
    });

    test('other media types', async () => {
      const { id } = await client.image();
      const answer = await client.send('PATCH', `/images/${id}`, { body: [] });
      expect(answer.status).toBe(415);
      expect(answer.headers.get('accept-patch')).toBe(
        'application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
      );
      expect(answer.body).toContain('Image PATCH expects Content-Type one of:');
    });

    test('formats are fixed once there is data', async () => {
      const queued = await client.image();
      expect((await client.patch(queued.id, [replace('/disk_format', 'iso')])).body.disk_format).toBe('iso');
      const { id } = await client.image({}, 'data');
      const answer = await client.patch(id, [replace('/disk_format', 'iso')]);
      expect([answer.status, answer.body]).toEqual([
        403,
        expect.stringContaining('Attribute disk_format can be only replaced for a queued image.'),
      ]);
    });

    test('an administrator gives an image away', async () => {
      const { id } = await client.image({ visibility: 'private' });
      const answer = await client.patch(id, [replace('/owner', 'project-b')], 'admin');
      expect(answer.body.owner).toBe('project-b');
      expect((await client.get(`/images/${id}`)).status).toBe(404);
      expect((await client.get(`/images/${id}`, 'stranger')).status).toBe(200);
    });

    test('concurrent ones do not undo each other', async () => {
      const { id } = await client.image();
      const add = (i: number) => client.patch(id, [{ op: 'add', path: `/p${i}`, value: `${i}` }]);
      await Promise.all(Array.from({ length: 20 }, (_, i) => add(i)));
      const { body } = await client.get(`/images/${id}`);
      expect(Object.keys(body).filter((name) => /^p\d/.test(name))).toHaveLength(20);
    });
  });

  describe('deletion', () => {
    test('takes all of it', async () => {
      const { id } = await client.image({ some: 'property', tags: ['t'] }, 'data');
      await client.post(`/images/${id}/members`, { member: 'project-b' });
      expect((await client.delete(`/images/${id}`)).status).toBe(204);
      expect((await client.get(`/images/${id}`)).status).toBe(404);
      const again = await client.delete(`/images/${id}`);
      expect([again.status, again.body]).toEqual([
        404,
        expect.stringContaining(`Failed to find image ${id} to delete`),
      ]);
      expect(await client.running.service.files.list('data')).not.toContainEqual(
        expect.objectContaining({ name: expect.stringContaining(id) }),
      );
    });

    test('not of a protected image', async () => {
      const { id } = await client.image({ protected: true });
      const answer = await client.delete(`/images/${id}`);
      expect([answer.status, answer.body]).toEqual([
        403,
        expect.stringContaining(`Image ${id} is protected and cannot be deleted.`),
      ]);
    });
  });

  test('methods and paths that are not there', async () => {
    const method = await client.send('PUT', '/images');
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect((await client.get('/images/')).status).toBe(404);
    expect((await client.get('/nothing')).status).toBe(404);
    const unknown = await client.get('/images', 'who?');
    expect([unknown.status, unknown.body.error.code]).toEqual([401, 401]);
  });
});
