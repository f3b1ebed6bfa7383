import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { ApiClient } from '#test/support/api-client.ts';
import { type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

import { computeVersions } from '../versions.ts';

describe('versions', () => {
  const databases = sqliteDatabases();
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await startCompute(await databases.open());
    client = cloud.client;
  });
  afterAll(() => cloud.close());

  const nobody = { as: '' };

  test('every microversion says what it changed', () => {
    expect(computeVersions.map(([version]) => version)).toEqual(
      Array.from({ length: 104 }, (_, i) => `2.${i + 1}`),
    );
    expect(new Set(computeVersions.map(([, change]) => change)).size).toBe(104);
  });

  test('the versions are listed for anybody', async () => {
    const { status, body } = await client.get('//', nobody);
    expect(status).toBe(200);
    const self = (path: string) => [{ rel: 'self', href: `${client.origin}/${path}/` }];
    expect(body.versions).toEqual([
      {
        id: 'v2.0',
        status: 'DEPRECATED',
        version: '',
        min_version: '',
        updated: '2025-07-04T12:00:00Z',
        links: self('v2'),
      },
      {
        id: 'v2.1',
        status: 'CURRENT',
        version: '2.104',
        min_version: '2.1',
        updated: '2013-07-23T11:33:21Z',
        links: self('v2.1'),
      },
    ]);
  });

  test.each([
    ['v2.1', 'v2.1', '2.1'],
    ['v2', 'v2.0', '2'],
  ])('/%s/ shows itself to anybody', async (path, id, type) => {
    for (const url of [`//${path}/`, `//${path}`]) {
      const { status, body } = await client.get(url, nobody);
      expect(status).toBe(200);
      expect(body.version).toMatchObject({
        id,
        links: [
          { rel: 'self', href: `${client.origin}/${path}/` },
          { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
        ],
        'media-types': [
          { base: 'application/json', type: `application/vnd.openstack.compute+json;version=${type}` },
        ],
      });
    }
  });

  test('outside of v2.1 there are no microversions', async () => {
    const headers = { 'openstack-api-version': 'compute 2.90' };
    for (const path of ['//', '//v2', '//v2/flavors']) {
      const answer = await client.get(path, { headers });
      expect([
        answer.status,
        answer.headers.get('openstack-api-version'),
        answer.headers.get('vary'),
      ]).toEqual([200, null, null]);
    }
    expect((await client.get('//v2.1', { headers })).headers.get('openstack-api-version')).toBe(
      'compute 2.90',
    );
  });

  test('whoever names no version is shown which there are', async () => {
    const { status, body } = await client.send('POST', '//servers/x', nobody);
    expect(status).toBe(300);
    expect(body.choices).toEqual([
      {
        id: 'v2.0',
        status: 'DEPRECATED',
        links: [{ rel: 'self', href: `${client.origin}/v2/servers/x` }],
        'media-types': [
          { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2' },
        ],
      },
      {
        id: 'v2.1',
        status: 'CURRENT',
        links: [{ rel: 'self', href: `${client.origin}/v2.1/servers/x` }],
        'media-types': [
          { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' },
        ],
      },
    ]);
  });

  test.each([
    ['GET', '/nothing'],
    ['GET', '/servers/'],
    ['PATCH', '/servers'],
    ['HEAD', '/servers'],
    ['OPTIONS', '/servers'],
  ])('%s %s is nothing Nova has a route for', async (method, path) => {
    const headers = { accept: 'application/json' };
    const { status, headers: answered, body } = await client.send(method, path, { headers });
    expect([status, answered.get('content-type'), answered.get('openstack-api-version')]).toEqual([
      404,
      'application/json',
      null,
    ]);
    if (method !== 'HEAD') expect(body.message).toContain('The resource could not be found.');
    expect((await client.send(method, path, nobody)).status).toBe(401);
  });

  test.each([
    ['/servers', 'text/plain', 'x', 415, 'Unsupported Content-Type'],
    ['/servers', 'application/json', '{x', 400, 'Malformed request body'],
    ['/servers', 'application/json', 'null', 400, "None is not of type 'object'"],
    ['/servers', 'application/json', '', 400, "None is not of type 'object'"],
    ['/servers/x/action', 'application/json', '', 400, 'Malformed request body'],
    ['/servers/x/action', 'application/json', '{x', 400, 'Malformed request body'],
    ['/servers/x/action', 'application/json', '{"a":1,"b":1}', 400, 'Malformed request body'],
    ['/servers/x/action', 'application/json', '{"a":1}', 400, 'There is no such action: a'],
  ])('POST %s with a body of %s: %s', async (path, type, body, status, message) => {
    const answer = await client.post(path, body, { headers: { 'content-type': type } });
    expect([answer.status, Object.values(answer.body)]).toEqual([status, [{ code: status, message }]]);
  });

  test('within the API a version is shown by name, to callers with a token', async () => {
    expect((await client.get('/versions/v2.1')).body).toEqual((await client.get('//v2.1/')).body);
    expect((await client.get('/versions/v2.0')).body.version.id).toBe('v2.0');
    expect((await client.get('//v2/versions/v2.1')).body.version.id).toBe('v2.0');
    expect((await client.get('/versions/v3')).status).toBe(404);
    expect((await client.get('/versions/v2.1', nobody)).status).toBe(401);
  });
});
