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

  test('within the API a version is shown by name, to callers with a token', async () => {
    expect((await client.get('/versions/v2.1')).body).toEqual((await client.get('//v2.1/')).body);
    expect((await client.get('/versions/v2.0')).body.version.id).toBe('v2.0');
    expect((await client.get('//v2/versions/v2.1')).body.version.id).toBe('v2.0');
    expect((await client.get('/versions/v3')).status).toBe(404);
    expect((await client.get('/versions/v2.1', nobody)).status).toBe(401);
  });
});
