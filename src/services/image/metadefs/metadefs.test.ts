import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { ImageClient } from '#test/support/image.ts';

describeEachEngine('metadata definitions', (databases) => {
  let client: ImageClient;
  beforeAll(async () => {
    client = await ImageClient.open(await databases.open());
  });
  afterAll(() => client.close());

  const at = '/metadefs/namespaces';
  let count = 0;
  const newName = () => `Test::Namespace${++count}`;
  const send = (method: string, path: string, body?: unknown, as = 'admin', headers = {}) =>
    client.send(method, at + path, { as, headers, ...(body !== undefined && { body }) });
  const make = async (fields: object = {}, as = 'admin') => {
    const namespace = newName();
    const answer = await send('POST', '', { namespace, ...fields }, as);
    expect(answer.status).toBe(201);
    return namespace;
  };

  describe('namespaces', () => {
    test('with all they contain', async () => {
      const namespace = newName();
      const body = {
        namespace,
        display_name: 'A namespace',
        description: 'What it is about',
        visibility: 'public',
        protected: false,
        owner: 'admin-project',
        resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }, { name: 'My::Type' }],
        properties: { one: { title: 'One', type: 'integer', default: 5, minimum: 1 } },
        objects: [
          {
            name: 'thing',
            description: 'A thing',
            required: ['two'],
            properties: { two: { title: 'Two', type: 'string', enum: ['a', 'b'] } },
          },
        ],
        tags: [{ name: 'x' }, { name: 'y' }],
      };
      const created = await send('POST', '', body);
      expect(created.status).toBe(201);
      expect(created.headers.get('location')).toBe(`${client.api.origin}/v2${at}/${namespace}`);
      expect(created.body).toMatchObject(body);
      expect(created.body.objects).toEqual(body.objects);
      const shown = await send('GET', `/${namespace}`, undefined, 'stranger');
      const times = { created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/) };
      expect(shown.body).toEqual({
        ...body,
        ...times,
        tags: [{ name: 'y' }, { name: 'x' }],
        resource_type_associations: [
          { name: 'My::Type', ...times },
          { name: 'OS::Nova::Flavor', prefix: 'hw:', ...times },
        ],
        properties: { one: { title: 'One', type: 'integer', default: '5', minimum: 1 } },
        objects: [
          {
            ...body.objects[0],
            ...times,
            self: `/v2${at}/${namespace}/objects/thing`,
            schema: '/v2/schemas/metadefs/object',
          },
        ],
        self: `/v2${at}/${namespace}`,
        schema: '/v2/schemas/metadefs/namespace',
      });
      const prefixed = (await send('GET', `/${namespace}?resource_type=OS::Nova::Flavor`)).body;
      expect(Object.keys(prefixed.properties)).toEqual(['hw:one']);
      expect(prefixed.objects[0]).toMatchObject({ required: ['hw:two'], properties: { 'hw:two': {} } });
      expect((await send('DELETE', `/${namespace}`)).status).toBe(204);
      const gone = await send('GET', `/${namespace}`);
      expect([gone.status, gone.body]).toEqual([
        404,
        expect.stringContaining(`Metadata definition namespace=${namespace} was not found.`),
      ]);
    });

    test('are private unless told otherwise, and those of administrators to write', async () => {
      const secret = await make();
      const open = await make({ visibility: 'public' });
      const owned = await make({ owner: 'project-a' });
      const status = async (method: string, name: string, as: string) =>
        (await send(method, `/${name}`, method === 'PUT' ? { namespace: name } : undefined, as)).status;
      expect(await status('GET', secret, 'member')).toBe(404);
      expect(await status('GET', open, 'reader')).toBe(200);
      expect(await status('GET', owned, 'reader')).toBe(200);
      expect(await status('GET', owned, 'stranger')).toBe(404);
      expect(await status('PUT', owned, 'member')).toBe(403);
      expect(await status('DELETE', secret, 'member')).toBe(404);
      expect((await send('POST', '', { namespace: newName() }, 'member')).status).toBe(403);
      const listed = async (as: string, query = '') =>
        (await send('GET', `?limit=100${query}`, undefined, as)).body.namespaces.map(
          (namespace: { namespace: string }) => namespace.namespace,
        );
      expect(await listed('stranger')).toContain(open);
      expect(await listed('stranger')).not.toContain(owned);
      expect(await listed('member')).toContain(owned);
      expect(await listed('admin')).toContain(secret);
      expect(await listed('admin', '&visibility=public')).not.toContain(secret);
    });

    test('in pages, in order, by resource type', async () => {
      const names = [];
      for (let i = 0; i < 3; i++) {
        client.running.clock.advance(1000);
        names.push(await make({ resource_type_associations: [{ name: 'Paged::Type', prefix: `p${i}` }] }));
      }
      const { body } = await send('GET', '?resource_types=Other,Paged::Type&limit=2');
      expect(body).toMatchObject({
        namespaces: [
          { namespace: names[2], resource_type_associations: [{ prefix: 'p2' }] },
          { namespace: names[1] },
        ],
        first: `/v2${at}?resource_types=Other%2CPaged%3A%3AType&limit=2`,
        schema: '/v2/schemas/metadefs/namespaces',
      });
      const next = await client.get(body.next.replace('/v2', ''), 'admin');
      expect(next.body.namespaces.map((n: { namespace: string }) => n.namespace)).toEqual([names[0]]);
      expect(next.body).not.toHaveProperty('next');
      const sorted = await send('GET', '?resource_types=Paged::Type&sort_key=namespace&sort_dir=asc');
      expect(sorted.body.namespaces.map((n: { namespace: string }) => n.namespace)).toEqual(names);
    });

    test('can be written anew', async () => {
      const namespace = await make({ display_name: 'old', visibility: 'public' });
      await send('POST', `/${namespace}/tags/x`);
      const name = newName();
      const updated = await send('PUT', `/${namespace}`, { namespace: name, description: 'new' });
      expect(updated.body).toMatchObject({ namespace: name, description: 'new', visibility: 'private' });
      expect(updated.body).not.toHaveProperty('display_name');
      expect((await send('GET', `/${name}/tags`)).body).toEqual({ tags: [{ name: 'x' }] });
      const other = await make();
      const taken = await send('PUT', `/${name}`, { namespace: other });
      expect([taken.status, taken.body]).toEqual([409, expect.stringContaining('Invalid update.')]);
      expect((await send('POST', '', { namespace: other })).status).toBe(409);
    });

    test('that are protected cannot be deleted, nor what is in them', async () => {
      const namespace = await make({
        protected: true,
        objects: [{ name: 'o' }],
        properties: { p: { title: 'P', type: 'string' } },
        tags: [{ name: 't' }],
        resource_type_associations: [{ name: 'OS::Glance::Image' }],
      });
      for (const path of [
        '',
        '/objects',
        '/objects/o',
        '/properties',
        '/properties/p',
        '/tags',
        '/tags/t',
        '/resource_types/OS::Glance::Image',
      ]) {
        const answer = await send('DELETE', `/${namespace}${path}`);
        expect([path, answer.status, answer.body]).toEqual([
          path,
          403,
          expect.stringContaining('is protected and cannot'),
        ]);
      }
    });

    test.each([
      [undefined, 400, 'Body expected in request.'],
      [{}, 400, 'is a required property'],
      [{ namespace: 'x'.repeat(81) }, 400, 'is too long'],
      [{ namespace: 'x', more: 1 }, 400, 'Additional properties are not allowed'],
      [{ namespace: 'x', self: 'y' }, 403, 'is read-only.'],
      [{ namespace: 'x', properties: { p: { type: 'string' } } }, 400, 'is a required property'],
      [
        { namespace: 'x', properties: { p: { title: 'P', type: 'string', odd: 1 } } },
        400,
        'Unknown attribute: odd',
      ],
      [{ namespace: 'x', objects: [{}] }, 400, 'Mandatory field missing'],
      [{ namespace: 'x', objects: [{ name: 'o' }, { name: 'o' }] }, 409, 'object with name=o already exists'],
      [{ namespace: 'x', tags: [{ name: 't' }, { name: 't' }] }, 409, 'tag with name=t already exists'],
    ])('are not made of %j', async (body, status, words) => {
      const answer = await send('POST', '', body);
      expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(words)]);
      expect((await send('GET', '/x')).status).toBe(404);
    });

    test.each([
      ['visibility=secret', 400],
      ['sort_dir=up', 400],
      ['sort_key=protected', 400],
      ['limit=x', 400],
      ['marker=nothing', 404],
    ])('are not listed with %s', async (query, status) => {
      expect((await send('GET', `?${query}`)).status).toBe(status);
    });
  });

  describe.each([
    ['objects', { name: 'one', description: 'first', properties: {} }, 'Could not find metadata object one'],
    ['properties', { name: 'one', title: 'One', type: 'string' }, 'Could not find property one'],
  ])('%s', (kind, body, missing) => {
    test('come, change and go', async () => {
      const namespace = await make({ visibility: 'public' });
      const path = `/${namespace}/${kind}`;
      const created = await send('POST', path, body);
      expect([created.status, created.body]).toEqual([201, expect.objectContaining(body)]);
      expect((await send('POST', path, body)).status).toBe(409);
      expect((await send('GET', `${path}/one`, undefined, 'reader')).body).toEqual(created.body);
      const changed = { ...body, name: 'two', description: 'second' };
      expect((await send('PUT', `${path}/one`, changed)).body).toMatchObject(changed);
      const old = await send('GET', `${path}/one`);
      expect([old.status, old.body]).toEqual([404, expect.stringContaining(missing)]);
      await send('POST', path, body);
      expect((await send('PUT', `${path}/two`, body)).status).toBe(409);
      const list = (await send('GET', path, undefined, 'stranger')).body[kind];
      const names = Array.isArray(list) ? list.map(({ name }) => name) : Object.keys(list);
      expect(names.toSorted()).toEqual(['one', 'two']);
      expect((await send('DELETE', `${path}/one`)).status).toBe(204);
      expect((await send('DELETE', `${path}/one`)).status).toBe(404);
      expect((await send('DELETE', path)).status).toBe(204);
      expect(Object.keys((await send('GET', path)).body[kind])).toEqual([]);
    });

    test('are administrators’ to write', async () => {
      const namespace = await make({ visibility: 'public' });
      const secret = await make();
      expect((await send('POST', `/${namespace}/${kind}`, body, 'member')).status).toBe(403);
      expect((await send('POST', `/${secret}/${kind}`, body, 'member')).status).toBe(404);
      expect((await send('GET', `/${secret}/${kind}`, undefined, 'member')).status).toBe(404);
      expect((await send('POST', `/${namespace}/${kind}`, { name: 5 })).status).toBe(400);
      expect((await send('POST', `/${namespace}/${kind}`, { ...body, created_at: 'x' })).status).toBe(403);
      expect((await send('POST', `/${namespace}/${kind}`)).status).toBe(400);
    });
  });

  test('objects are listed whole', async () => {
    const namespace = await make({ objects: [{ name: 'a' }, { name: 'b' }] });
    const { body } = await send('GET', `/${namespace}/objects?limit=1`);
    expect(body.objects.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    expect(body.schema).toBe('v2/schemas/metadefs/objects');
    for (const query of ['limit=0', 'limit=x', 'sort_dir=up', 'visibility=odd'])
      expect((await send('GET', `/${namespace}/objects?${query}`)).status).toBe(400);
  });

  test('a property is found by its name on a resource', async () => {
    const namespace = await make({
      properties: { one: { title: 'One', type: 'string' } },
      resource_type_associations: [{ name: 'OS::Glance::Image', prefix: 'img_' }],
    });
    const find = (name: string, type: string) =>
      send('GET', `/${namespace}/properties/${name}?resource_type=${type}`);
    expect((await find('img_one', 'OS::Glance::Image')).body).toEqual({
      name: 'one',
      title: 'One',
      type: 'string',
    });
    expect((await find('one', 'OS::Glance::Image')).body).toContain('does not start with the expected');
    expect((await find('img_one', 'OS::Nova::Flavor')).body).toContain('resource-type association of');
    expect((await find('img_one', 'No::Type')).body).toContain(
      'resource-type with name=No::Type, was not found',
    );
  });

  describe('tags', () => {
    const names = (answer: { body: { tags: { name: string }[] } }) =>
      answer.body.tags.map(({ name }) => name);

    test('come one by one, change and go', async () => {
      const namespace = await make();
      const path = `/${namespace}/tags`;
      const created = await send('POST', `${path}/one`);
      expect([created.status, created.body]).toEqual([
        201,
        { name: 'one', created_at: expect.stringMatching(/Z$/), updated_at: expect.stringMatching(/Z$/) },
      ]);
      expect((await send('POST', `${path}/one`)).status).toBe(409);
      expect((await send('PUT', `${path}/one`, { name: 'two' })).body.name).toBe('two');
      expect((await send('GET', `${path}/two`)).body.name).toBe('two');
      expect((await send('GET', `${path}/one`)).status).toBe(404);
      expect((await send('POST', `${path}/${'x'.repeat(81)}`)).status).toBe(400);
      expect((await send('DELETE', `${path}/two`)).status).toBe(204);
      expect((await send('DELETE', `${path}/two`)).status).toBe(404);
    });

    test('are listed in the order asked for', async () => {
      const namespace = await make();
      const path = `/${namespace}/tags`;
      for (const name of ['b', 'c', 'a', 'd']) {
        client.running.clock.advance(5);
        await send('POST', `${path}/${name}`);
      }
      client.running.clock.advance(5);
      await send('PUT', `${path}/b`, { name: 'e' });
      const listed = async (query: string) => names(await send('GET', `${path}?${query}`)).join('');
      expect(await listed('sort_key=name')).toBe('edca');
      expect(await listed('sort_key=name&sort_dir=asc')).toBe('acde');
      expect(await listed('sort_key=name&sort_dir=asc&limit=2&marker=c')).toBe('de');
      expect(await listed('sort_key=updated_at')).toBe('edac');
      expect(await listed('sort_key=updated_at&marker=d')).toBe('ac');
      for (const key of ['created_at', 'id', 'namespace_id'])
        expect(await listed(`sort_key=${key}&sort_dir=asc`)).toBe('ecad');
      expect((await send('GET', `${path}?sort_key=colour`)).status).toBe(400);
    });

    test('come together: in the place of others, or beside them', async () => {
      const namespace = await make();
      const path = `/${namespace}/tags`;
      const put = (tags: string[], headers = {}) =>
        send('POST', path, { tags: tags.map((name) => ({ name })) }, 'admin', headers);
      expect(names(await put(['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
      client.running.clock.advance(5);
      expect(names(await put(['d'], { 'x-openstack-append': 'True' }))).toEqual(['d']);
      expect(names(await send('GET', path))).toEqual(['d', 'c', 'b', 'a']);
      expect(names(await send('GET', `${path}?sort_dir=asc`))).toEqual(['a', 'b', 'c', 'd']);
      expect(names(await send('GET', `${path}?limit=2&marker=d`))).toEqual(['c', 'b']);
      expect((await send('GET', `${path}?marker=nothing`)).status).toBe(404);
      const twice = await put(['x', 'x']);
      expect([twice.status, twice.body]).toEqual([409, expect.stringContaining('name=x already exists')]);
      const there = await put(['y', 'a'], { 'x-openstack-append': 'yes' });
      expect([there.status, there.body]).toEqual([409, expect.stringContaining('name=a already exists')]);
      expect(names(await send('GET', path))).toEqual(['d', 'c', 'b', 'a']);
      expect(names(await put(['z']))).toEqual(['z']);
      expect(names(await send('GET', path))).toEqual(['z']);
      expect((await send('DELETE', path)).status).toBe(204);
      expect(names(await send('GET', path))).toEqual([]);
    });
  });

  test('resource types are associated and dissociated', async () => {
    const namespace = await make();
    const path = `/${namespace}/resource_types`;
    const { body } = await client.get('/metadefs/resource_types', 'admin');
    const types = body.resource_types.map(({ name }: { name: string }) => name);
    expect(types).toEqual(
      expect.arrayContaining(['OS::Glance::Image', 'OS::Nova::Flavor', 'OS::Cinder::Volume']),
    );
    const association = { name: 'OS::Cinder::Volume', prefix: 'hw_', properties_target: 'image' };
    const created = await send('POST', path, association);
    expect([created.status, created.body]).toEqual([201, expect.objectContaining(association)]);
    expect((await send('POST', path, association)).status).toBe(409);
    expect((await send('GET', path)).body.resource_type_associations).toEqual([created.body]);
    expect((await send('DELETE', `${path}/OS::Cinder::Volume`)).status).toBe(204);
    const gone = await send('DELETE', `${path}/OS::Cinder::Volume`);
    expect([gone.status, gone.body]).toEqual([
      404,
      expect.stringContaining('Failed to find resource type OS::Cinder::Volume to delete'),
    ]);
  });

  test.each([
    ['namespace', 'namespace'],
    ['namespaces', 'namespaces'],
    ['resource_type', 'resource_type_association'],
    ['resource_types', 'resource_type_associations'],
    ['property', 'property'],
    ['properties', 'properties'],
    ['object', 'object'],
    ['objects', 'objects'],
    ['tag', 'tag'],
    ['tags', 'tags'],
  ])('the schema of %s', async (path, name) => {
    expect((await client.get(`/schemas/metadefs/${path}`)).body).toMatchObject({ name, properties: {} });
  });
});
