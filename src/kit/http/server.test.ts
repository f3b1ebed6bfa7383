import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';

import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Credentials } from '../auth/credentials.ts';
import { Policy, rule } from '../auth/policy.ts';
import { badRequest, notFound, statusOf, unauthorized } from '../errors/cloud-error.ts';
import { silentLog } from '../log/log.ts';
import type { Api } from './api.ts';
import { endpointOf } from './endpoint.ts';
import { RawBody, reply } from './reply.ts';
import { type ApiServer, serve } from './server.ts';
import { history, requiredSince, since, strictSince, until } from './versioned-schema.ts';

interface Shelf {
  seen: string[];
}

const endpoint = endpointOf<Shelf>();
const book = Type.Object(
  {
    title: Type.String({ minLength: 1 }),
    tags: since('2.5', Type.Array(Type.String())),
    colour: until('2.4', Type.String()),
    shelf: requiredSince('2.8', Type.Integer()),
    size: history({ until: '2.5', schema: Type.String() }, { since: '2.6', schema: Type.Integer() }),
  },
  { additionalProperties: false },
);

const api: Api<Shelf> = {
  type: 'library',
  project: 'shelf',
  port: 0,
  prefixes: ['/v2', '/v2/{tenant}'],
  policies: [
    rule('books:read', 'role:reader', 'read'),
    rule('books:write', 'project_id:%(project_id)s', 'write'),
    rule('books:system', '@', 'system only', ['system']),
  ],
  microversions: { min: '2.1', max: '2.9', serviceType: 'library', legacyHeader: 'X-Library-Version' },
  headLikeGet: true,
  faults: {
    render: (error) => ({
      status: statusOf[error.kind],
      contentType: 'application/json',
      body: JSON.stringify({ [error.kind]: error.message }),
    }),
    invalid: (problem) => badRequest(`${problem.path.join('.')}: ${problem.message}`),
  },
  rootEndpoints: [
    endpoint({
      method: 'GET',
      path: '/',
      auth: 'none',
      policy: null,
      status: 300,
      handler: () => ({ versions: [] }),
    }),
  ],
  endpoints: [
    endpoint({
      method: 'GET',
      path: '/books/{id}',
      policy: 'books:read',
      status: 200,
      load: ({ params }) => {
        if (params.id === 'none') throw notFound('no such book');
        return { id: params.id, project_id: 'p1' };
      },
      handler: (call) =>
        reply({ ...call.resource, new: call.atLeast('2.5') }, { headers: { 'x-book': 'yes' } }),
    }),
    endpoint({
      method: 'POST',
      path: '/books',
      policy: 'books:write',
      body: Type.Object({ book }),
      status: 201,
      handler: ({ body, service }) => {
        service.seen.push(body.book.title);
        return { book: body.book };
      },
    }),
    endpoint({
      method: 'PUT',
      path: '/books/{id}',
      policy: 'books:write',
      body: book,
      status: 200,
      load: () => ({ project_id: 'p2' }),
      handler: ({ service }) => service.seen.push('never'),
    }),
    endpoint({
      method: 'POST',
      path: '/books/{id}/action',
      action: 'lend',
      policy: 'books:read',
      body: Type.Object({ lend: Type.Object({ to: Type.String() }) }),
      status: 202,
      handler: () => undefined,
    }),
    endpoint({
      method: 'POST',
      path: '/books/{id}/action',
      action: 'burn',
      since: '2.3',
      policy: null,
      body: 'json',
      status: 204,
      handler: () => undefined,
    }),
    endpoint({ method: 'GET', path: '/system', policy: 'books:system', status: 200, handler: () => ({}) }),
    endpoint({
      method: 'GET',
      path: '/fails',
      policy: null,
      status: 200,
      handler: () => Promise.reject(new Error('secret internals')),
    }),
    endpoint({
      method: 'GET',
      path: '/find',
      policy: null,
      query: strictSince(
        '2.7',
        Type.Object({
          tag: Type.Optional(Type.Array(Type.String())),
          limit: Type.Optional(Type.String({ pattern: '^\\d+$' })),
        }),
      ),
      status: 200,
      handler: ({ query }) => ({ query }),
    }),
    endpoint({
      method: 'PUT',
      path: '/blob',
      policy: 'books:write',
      body: 'stream',
      status: 200,
      handler: async ({ request }) => {
        let size = 0;
        for await (const chunk of request.stream()) size += (chunk as Buffer).length;
        return { size };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/blob',
      policy: null,
      status: 200,
      handler: () =>
        new RawBody(
          Readable.from([Buffer.alloc(100_000), Buffer.alloc(200_000)]),
          'application/octet-stream',
        ),
    }),
  ],
};

const reader: Credentials = {
  userId: 'u1',
  userName: 'u',
  userDomainId: 'd',
  userDomainName: 'D',
  projectId: 'p1',
  system: false,
  roles: ['reader'],
  token: 't',
  expiresAt: Infinity,
  methods: ['password'],
};

describe('the HTTP kit', () => {
  const shelf: Shelf = { seen: [] };
  let server: ApiServer;
  let base = '';

  beforeAll(async () => {
    server = await serve(
      {
        api,
        service: shelf,
        policy: new Policy(api.policies),
        authenticate: (token) => {
          if (token !== 'good') throw unauthorized('The request you have made requires authentication.');
          return reader;
        },
        log: silentLog(),
        authUri: 'http://id',
        onAnswer: () => {},
      },
      { host: '127.0.0.1', port: 0 },
    );
    base = `http://127.0.0.1:${server.port}`;
  });
  afterAll(() => server.close());

  const call = async (
    method: string,
    path: string,
    options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(base + path, {
      method,
      headers: {
        'x-auth-token': options.token ?? 'good',
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body !== undefined && {
        body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
      }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text.startsWith('{') ? JSON.parse(text) : text) as unknown,
    };
  };
  const at = (version: string) => ({ 'openstack-api-version': `library ${version}` });

  test('answers with headers of its own, a request id and the version', async () => {
    const r = await call('GET', '/v2/books/7', { headers: at('2.5') });
    expect(r.body).toEqual({ id: '7', project_id: 'p1', new: true });
    expect(r.headers.get('x-book')).toBe('yes');
    expect(r.headers.get('x-openstack-request-id')).toMatch(/^req-/);
    expect(r.headers.get('openstack-api-version')).toBe('library 2.5');
    expect(r.headers.get('vary')).toBe('OpenStack-API-Version, X-Library-Version');
  });

  test('prefix parameters, trailing slashes and HEAD reach the same endpoint', async () => {
    expect((await call('GET', '/v2/tenant1/books/7/')).status).toBe(200);
    const head = await call('HEAD', '/v2/books/7');
    expect([head.status, head.body, head.headers.get('x-book')]).toEqual([200, '', 'yes']);
  });

  test('a missing or wrong token is 401 before anything else is looked at', async () => {
    const r = await call('POST', '/v2/books', { token: 'bad', body: '{not json' });
    expect(r.status).toBe(401);
    expect(r.headers.get('www-authenticate')).toBe('Keystone uri="http://id"');
  });

  test('policy is checked before the body', async () => {
    expect((await call('PUT', '/v2/books/1', { body: '{not json' })).status).toBe(403);
    expect((await call('GET', '/v2/system')).status).toBe(403);
  });

  test('load comes before policy: what is not there is 404', async () => {
    expect((await call('GET', '/v2/books/none')).body).toEqual({ notFound: 'no such book' });
  });

  test.each([
    ['2.1', { title: 'a', colour: 'red' }, 201],
    ['2.5', { title: 'a', colour: 'red' }, 400],
    ['2.4', { title: 'a', tags: ['x'] }, 400],
    ['2.5', { title: 'a', tags: ['x'] }, 201],
    ['2.5', { title: 'a', size: 'big' }, 201],
    ['2.6', { title: 'a', size: 'big' }, 400],
    ['2.6', { title: 'a', size: 3 }, 201],
    ['2.8', { title: 'a' }, 400],
    ['2.8', { title: 'a', shelf: 1 }, 201],
    ['2.1', { title: '' }, 400],
    ['2.1', {}, 400],
  ])('version %s takes %j with %i', async (version, given, status) => {
    expect((await call('POST', '/v2/books', { body: { book: given }, headers: at(version) })).status).toBe(
      status,
    );
  });

  test('problems are worded as jsonschema words them', async () => {
    const r = await call('POST', '/v2/books', { body: { book: { title: 3 } } });
    expect(r.body).toEqual({ badRequest: "book.title: 3 is not of type 'string'" });
    expect((await call('POST', '/v2/books', { body: '{' })).status).toBe(400);
    expect((await call('POST', '/v2/books', { body: '' })).status).toBe(400);
    expect(
      (await call('POST', '/v2/books', { body: '<a/>', headers: { 'content-type': 'text/xml' } })).status,
    ).toBe(415);
  });

  test.each([
    ['9.9', 406],
    ['2.10', 406],
    ['2', 400],
    ['x.y', 400],
    ['latest', 200],
  ])('asking for version %s is %i', async (version, status) => {
    expect((await call('GET', '/v2/books/1', { headers: at(version) })).status).toBe(status);
  });

  test('actions are chosen by the body key and exist in their versions only', async () => {
    const act = (body: unknown, version = '2.1') =>
      call('POST', '/v2/books/1/action', { body, headers: at(version) });
    expect((await act({ lend: { to: 'x' } })).status).toBe(202);
    expect((await act({ lend: {} })).status).toBe(400);
    expect((await act({ burn: null })).status).toBe(404);
    expect((await act({ burn: null }, '2.3')).status).toBe(204);
    expect((await act({ dance: null })).status).toBe(400);
    expect((await act({ lend: null, burn: null })).status).toBe(400);
  });

  test('unknown paths are 404, known ones with another method 405', async () => {
    expect((await call('GET', '/v2/nothing')).status).toBe(404);
    const r = await call('DELETE', '/v2/books/1');
    expect([r.status, r.headers.get('allow')]).toEqual([405, 'GET, PUT, HEAD']);
    expect((await call('OPTIONS', '/v2/books/1')).status).toBe(405);
  });

  test('what is not there is refused in the version asked for', async () => {
    const version = { 'openstack-api-version': 'library 2.5' };
    expect(
      (await call('GET', '/v2/nothing', { headers: version })).headers.get('openstack-api-version'),
    ).toBe('library 2.5');
    const unknown = { 'openstack-api-version': 'library 2.99' };
    expect((await call('GET', '/v2/nothing', { headers: unknown })).status).toBe(406);
  });

  test.each([
    ['/v2/books/%zz', {}, 400, 'badRequest'],
    ['/v2/books/%ff', {}, 400, 'badRequest'],
    [`/v2/books/${'x'.repeat(3000)}`, {}, 404, 'notFound'],
    ['/v2/books', { 'content-type': 'nonsense' }, 415, 'unsupportedMediaType'],
  ])('what comes to no endpoint is refused like anything else: %s', async (path, headers, status, kind) => {
    const r = await call(status === 415 ? 'POST' : 'GET', path, { headers });
    expect([r.status, Object.keys(r.body as object)]).toEqual([status, [kind]]);
    expect(r.headers.get('x-openstack-request-id')).toMatch(/^req-/);
  });

  test('a bug is a 500 that tells nothing', async () => {
    const r = await call('GET', '/v2/fails');
    expect(r.status).toBe(500);
    expect(JSON.stringify(r.body)).not.toContain('secret');
  });

  test.each([
    ['/v2/books/%00', undefined],
    ['/v2/find?tag=a%00', undefined],
    ['/v2/books/1/action', { lend: { to: 'a\0' } }],
    ['/v2/books/1/action', { lend: { to: 'half \ud83e' } }],
    ['/v2/books/1/action', { lend: { '\0': 'x' } }],
  ])('text no engine can keep is refused: %s %j', async (path, body) => {
    const r = await (body ? call('POST', path, { body, headers: at('2.1') }) : call('GET', path));
    expect(r.status).toBe(400);
    expect(JSON.stringify(r.body)).toMatch(/NUL character/);
  });

  test.each([
    [500, 202],
    [501, 400],
    [100_000, 400],
  ])('a body of %i levels is answered with %i', async (levels, status) => {
    // the body and what an action is given are two of them
    const body = `{"lend": {"to": "x", "deep": ${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;
    const r = await call('POST', '/v2/books/1/action', { body, headers: at('2.1') });
    expect(r.status).toBe(status);
  });

  test('whole characters may be escaped', async () => {
    const body = '{"lend": {"to": "\\ud83e\\udd8a \\\\u0000"}}';
    const r = await call('POST', '/v2/books/1/action', { body, headers: at('2.1') });
    expect(r.status).toBe(202);
  });

  test('query schemas', async () => {
    expect((await call('GET', '/v2/find?tag=a&tag=b&limit=3')).body).toEqual({
      query: { tag: ['a', 'b'], limit: '3' },
    });
    expect((await call('GET', '/v2/find?tag=a&limit=3&limit=4')).body).toEqual({
      query: { tag: ['a'], limit: '4' },
    });
    expect((await call('GET', '/v2/find?limit=x')).status).toBe(400);
    expect((await call('GET', '/v2/find?limit=1&other=x')).status).toBe(200);
    expect((await call('GET', '/v2/find?limit=1&other=x', { headers: at('2.7') })).status).toBe(400);
  });

  test('streams go both ways', async () => {
    expect((await call('PUT', '/v2/blob', { body: 'x'.repeat(3_000_000) })).body).toEqual({
      size: 3_000_000,
    });
    expect(
      (await (await fetch(`${base}/v2/blob`, { headers: { 'x-auth-token': 'good' } })).arrayBuffer())
        .byteLength,
    ).toBe(300_000);
  });

  test('whoever looks at the answer only after sending all of a large body gets it', async () => {
    const size = 20 << 20;
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`PUT /v2/blob HTTP/1.1\r\nhost: x\r\nx-auth-token: bad\r\ncontent-length: ${size}\r\n\r\n`);
    await new Promise((sent) => {
      socket.write(Buffer.alloc(size), sent);
    });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test.each([
    ['good', 200, true],
    ['bad', 401, false],
  ])('100-continue is given to token %s only after it is accepted', async (token, status, continued) => {
    const seen = await new Promise<{ status: number | undefined; continued: boolean }>((resolve, reject) => {
      let asked = false;
      const r = httpRequest(`${base}/v2/blob`, {
        method: 'PUT',
        headers: { 'x-auth-token': token, expect: '100-continue', 'content-length': 5 },
      });
      r.on('continue', () => {
        asked = true;
        r.end('hello');
      });
      r.on('response', (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, continued: asked });
        r.destroy();
      });
      r.on('error', reject);
      r.flushHeaders();
    });
    expect(seen).toEqual({ status, continued });
  });

  test('another service of the process asks without a connection and is held to the same rules', async () => {
    const ask = (path: string, token: string, body?: unknown) =>
      server.ask({
        method: body ? 'POST' : 'GET',
        path,
        headers: { 'x-auth-token': token, ...at('2.5') },
        body,
      });
    expect(await ask('/v2/books/7', 'good')).toEqual({
      status: 200,
      body: { id: '7', project_id: 'p1', new: true },
    });
    expect(await ask('/v2/books', 'good', { book: { title: 'A', size: 'big' } })).toEqual({
      status: 201,
      body: { book: { title: 'A', size: 'big' } },
    });
    expect(await ask('/v2/books', 'good', { book: {} })).toMatchObject({ status: 400 });
    expect(await ask('/v2/books/7', 'bad')).toMatchObject({ status: 401 });
    expect(await ask('/v2/nothing', 'good')).toMatchObject({ status: 404 });
  });

  test('discovery needs no token', async () => {
    expect((await call('GET', '/', { token: '' })).status).toBe(300);
  });

  test('an endpoint knows where it is declared', () => {
    expect(api.endpoints[0]!.declaredAt).toMatch(/server\.test\.ts:\d+$/);
  });
});
