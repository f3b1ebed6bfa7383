import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('the list of images', (databases) => {
  let client: ImageClient;
  const ids: Record<string, string> = {};
  /** When the first image was made; the others follow a second after each other. */
  const start = Date.UTC(2026, 10, 20, 9, 0, 0);
  const second = (n: number) => new Date(start + n * 1000).toISOString().slice(0, 19) + 'Z';

  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
    const { clock } = client.running;
    clock.advance(start - clock.now() - 500);
    const make = async (name: string, fields: object, data?: string, as?: string) => {
      clock.advance(1000);
      ids[name] = (await client.image({ name, ...fields }, data, as)).id;
    };
    await make('a', { disk_format: 'raw', os_distro: 'debian', tags: ['x', 'y'], min_ram: 64 }, '12345');
    await make('b', { disk_format: 'iso', os_distro: 'debian', tags: ['x'], visibility: 'private' });
    await make('c,d', { disk_format: 'qcow2', container_format: 'ovf', protected: true }, '1234567890');
    await make('hidden', { os_hidden: true });
    await make('community', { visibility: 'community' });
    await make('theirs', { visibility: 'shared' }, undefined, 'stranger');
    await make('their community', { visibility: 'community' }, undefined, 'stranger');
    await make('public', { visibility: 'public' }, undefined, 'admin');
  });
  afterAll(() => client.close());

  describe('by who looks', () => {
    test.each([
      ['member', ['public', 'community', 'c,d', 'b', 'a']],
      ['stranger', ['public', 'their community', 'theirs']],
      ['admin', ['public', 'theirs', 'c,d', 'b', 'a']],
    ])('%s', async (as, expected) => {
      expect(await client.names('', as)).toEqual(expected);
    });

    test('a project an image is shared with, as it answered', async () => {
      const path = `/images/${ids.theirs}/members`;
      await client.post(path, { member: 'project-a' }, 'stranger');
      const shared = async (query: string) =>
        (await client.names(query)).filter((n) => n === 'theirs').length;
      expect([
        await shared(''),
        await shared('member_status=pending'),
        await shared('member_status=all'),
      ]).toEqual([0, 1, 1]);
      await client.send('PUT', `${path}/project-a`, { body: { status: 'accepted' } });
      expect([
        await shared(''),
        await shared('member_status=rejected'),
        await shared('visibility=shared'),
      ]).toEqual([1, 0, 1]);
      await client.send('PUT', `${path}/project-a`, { body: { status: 'rejected' } });
      expect(await shared('')).toBe(0);
    });

    test('nobody without the role', async () => {
      expect((await client.get('/images', 'nobody')).status).toBe(403);
    });
  });

  describe('filters', () => {
    test.each([
      ['visibility=community', ['their community', 'community']],
      ['visibility=public', ['public']],
      ['visibility=private', ['b']],
      ['visibility=all', ['public', 'their community', 'community', 'c,d', 'b', 'a']],
      ['os_hidden=true', ['hidden']],
      ['os_hidden=TRUE', ['hidden']],
      ['protected=true', ['c,d']],
      ['name=a', ['a']],
      ['name=in:a,b', ['b', 'a']],
      ['name=in:"c,d",a', ['c,d', 'a']],
      ['name=in:', []],
      ['status=active', ['c,d', 'a']],
      ['status=in:active,queued&owner=project-a', ['community', 'c,d', 'b', 'a']],
      ['disk_format=iso', ['b']],
      ['disk_format=in:iso,qcow2', ['c,d', 'b']],
      ['container_format=ovf', ['c,d']],
      ['owner=admin-project', ['public']],
      ['size_min=6', ['c,d']],
      ['size_max=5', ['a']],
      ['size_min=5&size_max=10', ['c,d', 'a']],
      ['size=10', ['c,d']],
      ['size=many', []],
      ['min_ram=64', ['a']],
      ['min_ram_min=1', ['a']],
      ['os_distro=debian', ['b', 'a']],
      ['os_distro=debian&disk_format=raw', ['a']],
      ['os_distro=plan9', []],
      ['os_distro=debian&deleted=true', ['b', 'a']],
      ['tag=x', ['b', 'a']],
      ['tag=x&tag=y', ['a']],
      ['tag=z', []],
      ['checksum=827ccb0eea8a706c4c34a16891f84e7b', ['a']],
      [`created_at=${second(1)}`, ['b']],
      [`created_at=eq:${second(1)}`, ['b']],
      [`created_at=neq:${second(1)}&owner=project-a`, ['community', 'c,d', 'a']],
      [`created_at=lt:${second(2)}`, ['b', 'a']],
      [`created_at=lte:${second(2)}`, ['c,d', 'b', 'a']],
      [`created_at=gt:${second(2)}&owner=project-a`, ['community']],
      [`created_at=gte:${second(2)}&owner=project-a`, ['community', 'c,d']],
    ])('%s', async (query, expected) => {
      expect(await client.names(query)).toEqual(expected);
    });

    test.each([
      ['visibility=secret', 'Invalid visibility value: secret'],
      [
        'os_hidden=maybe',
        "Invalid value 'maybe' for 'os_hidden' filter. Valid values are 'true' or 'false'.",
      ],
      ['protected=True', "Invalid value 'True' for 'protected' filter."],
      ['member_status=unknown', 'Invalid status: unknown'],
      ['changes-since=2026-01-01', 'The "changes-since" filter is no longer available on v2.'],
      ['size_min=many', 'Unable to filter on a range with a non-numeric value.'],
      ['name=like:a', "Unable to filter by unknown operator 'like'."],
      ['created_at=yesterday', 'Bad "created_at" query filter format. Use ISO 8601 DateTime notation.'],
      [`created_at=after:${second(0)}`, 'Unable to filter on a unknown operator.'],
      ['name=in:a"b"', 'There is no comma before opening quotation mark.'],
      ['name=in:"a"b', 'There is no comma after closing quotation mark.'],
      ['name=in:"a', 'The quote is not closed.'],
      ['limit=some', 'limit param must be an integer'],
      ['limit=-1', 'limit param must be positive'],
      ['marker=nothing', 'No image found with ID nothing'],
      ['sort_key=owner', 'Invalid sort key: owner. It must be one of the following: name, status,'],
      ['sort_dir=up', 'Invalid sort direction: up'],
      [
        'sort_key=name&sort_dir=asc&sort_dir=desc',
        'Number of sort dirs does not match the number of sort keys',
      ],
      ['sort=name:asc&sort_key=name', 'Old and new sorting syntax cannot be combined'],
    ])('refuses %s', async (query, words) => {
      const answer = await client.send('GET', `/images?${query}`, {
        headers: { accept: 'application/json' },
      });
      expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(words)]);
    });
  });

  describe('order and pages', () => {
    test.each([
      ['sort_key=name&sort_dir=asc', ['a', 'b', 'c,d', 'community', 'public']],
      ['sort_key=name', ['public', 'community', 'c,d', 'b', 'a']],
      ['sort=name:asc', ['a', 'b', 'c,d', 'community', 'public']],
      ['sort=status,name:asc', ['b', 'community', 'public', 'a', 'c,d']],
      ['sort=size:desc,created_at:asc', ['c,d', 'a', 'b', 'community', 'public']],
      ['sort_key=status&sort_key=name&sort_dir=desc&sort_dir=asc', ['b', 'community', 'public', 'a', 'c,d']],
      ['sort_key=status&sort_key=created_at&sort_dir=asc', ['a', 'c,d', 'b', 'community', 'public']],
    ])('%s', async (query, expected) => {
      expect(await client.names(query)).toEqual(expected);
    });

    test.each(['', 'sort=size:asc&', 'sort=size:desc,name:asc&', 'sort_key=container_format&sort_dir=asc&'])(
      'pages of two follow each other: %s',
      async (sort) => {
        const whole = await client.names(`${sort}limit=100`);
        const pages: (string | null)[][] = [];
        let path: string | undefined = `/images?${sort}limit=2`;
        while (path !== undefined) {
          const { body } = await client.get(path);
          pages.push(body.images.map((image: { name: string }) => image.name));
          path = body.next?.replace('/v2', '');
        }
        expect(pages.flat()).toEqual(whole);
        expect(pages.filter((page) => page.length > 2)).toEqual([]);
      },
    );

    test('the links repeat the request', async () => {
      const { body } = await client.get('/images?limit=1&name=in:a,b&sort=name:asc');
      expect(body).toMatchObject({
        first: '/v2/images?limit=1&name=in%3Aa%2Cb&sort=name%3Aasc',
        next: `/v2/images?limit=1&name=in%3Aa%2Cb&sort=name%3Aasc&marker=${ids.a}`,
        schema: '/v2/schemas/images',
      });
      const { body: last } = await client.get(`/images?limit=5&name=in:a,b&marker=${ids.b}`);
      expect(last.images.map((image: { name: string }) => image.name)).toEqual(['a']);
      expect(last).not.toHaveProperty('next');
      expect(last.first).toBe('/v2/images?limit=5&name=in%3Aa%2Cb');
      expect((await client.get('/images?limit=0')).body.images).toEqual([]);
      expect((await client.get('/images')).body.first).toBe('/v2/images');
    });

    test('25 images unless asked for more, never more than 1000', async () => {
      const { options } = client.running.service;
      expect([options.limit_param_default, options.api_limit_max]).toEqual([25, 1000]);
      for (let i = 0; i < 26; i++) await client.image({ name: 'many' }, undefined, 'stranger');
      const { body } = await client.get('/images', 'stranger');
      expect(body.images).toHaveLength(25);
      expect(body.next).toBe(`/v2/images?marker=${body.images[24].id}`);
    });
  });
});
