import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { PlacementClient } from '#test/support/placement.ts';

describe('discovery, negotiation and faults', () => {
  const databases = sqliteDatabases();
  let placement: PlacementClient;
  beforeAll(async () => {
    placement = await PlacementClient.open(await databases.open());
  });
  afterAll(() => placement.close());

  const send = (method: string, path: string, headers: Record<string, string> = {}) =>
    placement.api.send(method, path, { headers });

  test('the root is open to all', async () => {
    const answer = await placement.api.get('/', { as: 'nobody knows', headers: {} });
    expect(answer.body).toEqual({
      versions: [
        {
          id: 'v1.0',
          max_version: '1.39',
          min_version: '1.0',
          status: 'CURRENT',
          links: [{ rel: 'self', href: '' }],
        },
      ],
    });
    expect(answer.headers.get('openstack-api-version')).toBe('placement 1.0');
    expect(answer.headers.get('vary')).toBe('openstack-api-version');
  });

  test.each([
    ['placement 0.5', 406, 'Unacceptable version header: 0.5'],
    ['placement 1.40', 406, 'Unacceptable version header: 1.40'],
    ['placement pony.horse', 400, 'invalid version string: pony.horse'],
    ['placement 1.2.3', 400, 'invalid version string: 1.2.3'],
  ])('%s is %i', async (version, status, words) => {
    const answer = await send('GET', '/', { 'openstack-api-version': version });
    expect(answer.body.errors[0]).toMatchObject({ status, detail: expect.stringContaining(words) });
    if (status === 406)
      expect(answer.body.errors[0]).toMatchObject({ max_version: '1.39', min_version: '1.0' });
  });

  test('faults come in the form that is accepted, by default JSON', async () => {
    const json = await send('GET', '/barnabas', { accept: '*/*', 'openstack-api-version': 'placement 1.23' });
    expect(json.body.errors[0]).toMatchObject({
      status: 404,
      code: 'placement.undefined_code',
      detail: 'The resource could not be found.\n\n   ',
    });
    const html = await send('GET', '/barnabas', { accept: 'text/html' });
    expect(html.headers.get('content-type')).toContain('text/html');
    const plain = await send('GET', '/resource_providers', { accept: 'text/plain' });
    expect([plain.status, plain.body]).toEqual([
      406,
      expect.stringContaining('Only application/json is provided'),
    ]);
  });

  test('methods and media types that are not there', async () => {
    expect((await placement.api.get('/barnabas', { as: 'nobody knows' })).status).toBe(401);
    const method = await send('DELETE', '/resource_providers');
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, POST']);
    const type = await placement.api.post('/resource_providers', 'x', {
      headers: { 'content-type': 'text/plain' },
    });
    expect(type.body.errors[0]).toMatchObject({
      status: 415,
      detail: expect.stringContaining('The media type text/plain is not supported, use application/json'),
    });
    expect((await placement.api.get('/resource_providers', { as: 'stranger' })).status).toBe(403);
    const unknown = await placement.api.get('/resource_providers', { as: 'who?' });
    expect([unknown.status, unknown.body.error.code]).toEqual([401, 401]);
  });
});
