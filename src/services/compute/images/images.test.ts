import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import type { PeerApi } from '#contracts/peer.ts';
import { absent, asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

const anImage = (id: string, changes: object = {}) => ({
  id,
  name: `name of ${id}`,
  status: 'active',
  visibility: 'public',
  size: 1024,
  min_ram: 64,
  min_disk: 1,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  tags: [],
  self: `/v2/images/${id}`,
  stores: 'file',
  ...changes,
});

/** Image's API as a proxy meets it: what it was asked, and what it answers. */
class ImageApi implements PeerApi {
  readonly url = 'http://images';
  readonly asked: Parameters<PeerApi['ask']>[0][] = [];
  readonly answers: { status: number; body: unknown }[] = [];

  readonly ask: PeerApi['ask'] = async (request) => {
    this.asked.push(request);
    const answer = this.answers.shift();
    if (!answer) throw new Error(`the test did not expect ${request.method} ${request.path}`);
    return answer;
  };

  will(status: number, body: unknown): this {
    this.answers.push({ status, body });
    return this;
  }
}

const refusal = (message: string) => ({ message: `${message}<br /><br />\n\n\n`, title: '…' });

describe('the proxy of images', () => {
  const databases = sqliteDatabases();
  let image: ImageApi;
  let cloud: ComputeForTest;
  beforeEach(async () => {
    await cloud?.close();
    image = new ImageApi();
    const peers = { image, network: absent<PeerApi>('the API of network') };
    cloud = await startCompute(await databases.open(), { parts: { peers } });
  });
  afterAll(() => cloud.close());

  const linksTo = (id: string) => [
    { rel: 'self', href: `${cloud.client.origin}/v2.1/images/${id}` },
    { rel: 'bookmark', href: `${cloud.client.origin}/images/${id}` },
    { rel: 'alternate', type: 'application/vnd.openstack.image', href: `http://images/images/${id}` },
  ];

  test('an image is shown in Compute’s terms', async () => {
    image.will(200, anImage('one', { os_distro: 'debian', mappings: '[{"virtual":"ami"}]' }));
    expect((await cloud.client.get('/images/one', { as: 'reader' })).body).toEqual({
      image: {
        id: 'one',
        name: 'name of one',
        minRam: 64,
        minDisk: 1,
        metadata: { os_distro: 'debian', mappings: [{ virtual: 'ami' }] },
        created: '2026-01-01T00:00:00Z',
        updated: '2026-01-02T00:00:00Z',
        status: 'ACTIVE',
        progress: 100,
        'OS-EXT-IMG-SIZE:size': 1024,
        links: linksTo('one'),
      },
    });
    expect(image.asked[0]).toMatchObject({
      method: 'GET',
      path: '/v2/images/one',
      headers: { 'x-auth-token': 'reader', 'x-openstack-request-id': expect.stringMatching(/^req-/) },
    });
  });

  test('a snapshot names its server', async () => {
    image.will(
      200,
      anImage('snap', { status: 'saving', size: null, instance_uuid: 's1', auto_disk_config: 'True' }),
    );
    expect((await cloud.client.get('/images/snap')).body.image).toMatchObject({
      status: 'SAVING',
      progress: 50,
      'OS-EXT-IMG-SIZE:size': 0,
      'OS-DCF:diskConfig': 'AUTO',
      server: {
        id: 's1',
        links: [
          { rel: 'self', href: `${cloud.client.origin}/v2.1/servers/s1` },
          { rel: 'bookmark', href: `${cloud.client.origin}/servers/s1` },
        ],
      },
    });
  });

  test('filters are passed on under Image’s names', async () => {
    image.will(200, { images: [] });
    await cloud.client.get(
      '/images?name=n&status=ACTIVE&changes-since=2026-01-01T00:00:00Z&server=http://x/servers/s1' +
        '&type=snapshot&minRam=1&minDisk=2&property-os_distro=debian&marker=m&other=x&constructor=x',
    );
    const asked = new URLSearchParams(image.asked[0]!.path.split('?')[1]);
    expect(Object.fromEntries(asked)).toEqual({
      name: 'n',
      status: 'active',
      updated_at: 'gte:2026-01-01T00:00:00Z',
      instance_uuid: 's1',
      image_type: 'snapshot',
      min_ram: '1',
      min_disk: '2',
      os_distro: 'debian',
      marker: 'm',
      limit: '1000',
    });
  });

  test('all pages are fetched, and a full page of Compute’s has a next one', async () => {
    const next = '/v2/images?marker=b&limit=1000';
    image.will(200, { images: [anImage('a'), anImage('b')], next }).will(200, { images: [anImage('c')] });
    const { body } = await cloud.client.get('/images');
    expect(body).toEqual({
      images: ['a', 'b', 'c'].map((id) => ({ id, name: `name of ${id}`, links: linksTo(id) })),
    });
    expect(image.asked[1]!.path).toBe(next);

    image.will(200, { images: [anImage('a'), anImage('b')], next });
    const limited = (await cloud.client.get('/images/detail?limit=2')).body;
    expect(limited.images).toHaveLength(2);
    expect(limited.images_links).toEqual([
      { rel: 'next', href: `${cloud.client.origin}/v2.1/images/detail?limit=2&marker=b` },
    ]);
    expect((await cloud.client.get('/images?limit=-1')).status).toBe(400);
  });

  test('refusals are Nova’s', async () => {
    const path = '/images/one';
    image.will(404, refusal('No image found with ID one'));
    expect(await cloud.client.get(path)).toMatchObject({
      status: 404,
      body: { itemNotFound: { message: 'Image not found.' } },
    });
    image.will(403, refusal('no')).will(404, refusal('no')).will(409, refusal('Image one is in use'));
    expect(await cloud.client.delete(path)).toMatchObject({
      status: 403,
      body: { forbidden: { message: 'You are not allowed to delete the image.' } },
    });
    expect((await cloud.client.delete(path)).status).toBe(404);
    expect(await cloud.client.delete(path)).toMatchObject({
      status: 409,
      body: { conflictingRequest: { message: 'Image one is in use' } },
    });
    image.will(400, refusal('Invalid status value: x'));
    expect(await cloud.client.get('/images?status=x')).toMatchObject({
      status: 400,
      body: { badRequest: { message: 'Invalid status value: x' } },
    });
    image.will(204, '');
    expect((await cloud.client.delete(path)).status).toBe(204);
  });

  test('the proxy ends with 2.35, that of metadata with 2.38', async () => {
    image.will(200, { images: [] }).will(200, anImage('one'));
    const status = async (path: string, version: string) =>
      (await cloud.client.get(path, asVersion(version))).status;
    expect(await status('/images', '2.35')).toBe(200);
    expect(await status('/images', '2.36')).toBe(404);
    expect(await status('/images/one/metadata', '2.38')).toBe(200);
    expect(await status('/images/one/metadata', '2.39')).toBe(404);
  });

  describe('metadata', () => {
    const path = '/images/one/metadata';
    const present = anImage('one', { a: '1', b: '2' });

    test('is listed and shown', async () => {
      image.will(200, present).will(200, present).will(200, present);
      expect((await cloud.client.get(path)).body).toEqual({ metadata: { a: '1', b: '2' } });
      expect((await cloud.client.get(`${path}/a`)).body).toEqual({ meta: { a: '1' } });
      expect((await cloud.client.get(`${path}/constructor`)).status).toBe(404);
    });

    test('is added to by POST', async () => {
      image.will(200, present).will(200, anImage('one', { a: '1', b: '3', c: '4' }));
      const { body } = await cloud.client.post(path, { metadata: { b: '3', c: '4' } });
      expect(body).toEqual({ metadata: { a: '1', b: '3', c: '4' } });
      expect(image.asked[1]).toMatchObject({
        method: 'PATCH',
        path: '/v2/images/one',
        headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
        body: [
          { op: 'replace', path: '/b', value: '3' },
          { op: 'add', path: '/c', value: '4' },
        ],
      });
    });

    test('is replaced by PUT', async () => {
      image.will(200, present).will(200, anImage('one', { b: '2', c: '4' }));
      expect((await cloud.client.put(path, { metadata: { b: '2', c: '4' } })).body).toEqual({
        metadata: { b: '2', c: '4' },
      });
      expect(image.asked[1]!.body).toEqual([
        { op: 'remove', path: '/a' },
        { op: 'add', path: '/c', value: '4' },
      ]);
    });

    test('one item is set and deleted', async () => {
      image.will(200, present).will(200, present);
      expect((await cloud.client.put(`${path}/a`, { meta: { a: 'x' } })).body).toEqual({ meta: { a: 'x' } });
      expect(image.asked[1]!.body).toEqual([{ op: 'replace', path: '/a', value: 'x' }]);
      image.will(200, present).will(200, present);
      expect((await cloud.client.delete(`${path}/a`)).status).toBe(204);
      expect(image.asked[3]!.body).toEqual([{ op: 'remove', path: '/a' }]);
      for (const name of ['z', 'constructor']) {
        image.will(200, present);
        expect(await cloud.client.delete(`${path}/${name}`)).toMatchObject({
          status: 404,
          body: { itemNotFound: { message: 'Invalid metadata key' } },
        });
      }
      expect(await cloud.client.put(`${path}/a`, { meta: { b: 'x' } })).toMatchObject({
        status: 400,
        body: { badRequest: { message: 'Request body and URI mismatch' } },
      });
    });

    test('what changes nothing is not asked for', async () => {
      image.will(200, present);
      expect((await cloud.client.post(path, { metadata: { a: '1' } })).status).toBe(200);
      expect(image.asked).toHaveLength(1);
    });

    test('refusals and the quota are Nova’s', async () => {
      image.will(200, present).will(403, refusal('Property locked'));
      expect(await cloud.client.post(path, { metadata: { c: '1' } })).toMatchObject({
        status: 403,
        body: { forbidden: { message: 'Not authorized for image one.' } },
      });
      image.will(200, present);
      const many = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, 'v']));
      expect(await cloud.client.put(path, { metadata: many })).toMatchObject({
        status: 403,
        body: { forbidden: { message: 'Image metadata limit exceeded' } },
      });
      expect((await cloud.client.put(path, { metadata: { 'a/b': 'x' } })).status).toBe(400);
      expect((await cloud.client.put(`${path}/a`, { meta: { a: 'x', b: 'y' } })).status).toBe(400);
    });
  });
});
