import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('what came and went', () => {
  const databases = sqliteDatabases();
  let cloud: ComputeForTest;
  beforeAll(async () => {
    cloud = await startCompute(await databases.open());
  });
  afterAll(() => cloud.close());

  test.each([
    ['GET', '/os-cells/detail'],
    ['PUT', '/os-agents/1'],
    ['GET', '/os-fixed-ips/10.0.0.1'],
    ['GET', '/servers/x/consoles'],
    ['DELETE', '/servers/x/consoles/1'],
  ])('%s %s is gone', async (method, path) => {
    for (const version of ['2.1', '2.104']) {
      expect(await cloud.client.send(method, path, asVersion(version))).toMatchObject({
        status: 410,
        body: {
          computeFault: {
            code: 410,
            message: 'This resource is no longer available.  No forwarding address is given.',
          },
        },
      });
    }
  });

  test('actions are gone too', async () => {
    const reserve = await cloud.client.post('/os-fixed-ips/10.0.0.1/action', { reserve: null });
    expect(reserve.status).toBe(410);
    expect((await cloud.client.post('/os-fixed-ips/10.0.0.1/action', { other: null })).status).toBe(400);
  });

  test('extensions are listed and shown', async () => {
    const { body } = await cloud.client.get('/extensions', { as: 'reader' });
    const hosts = body.extensions.find((e: { alias: string }) => e.alias === 'os-hosts');
    expect(hosts).toEqual({
      alias: 'os-hosts',
      name: 'Hosts',
      description: 'Hosts.',
      links: [],
      namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
      updated: '2014-12-03T00:00:00Z',
    });
    expect((await cloud.client.get('/extensions/os-hosts')).body).toEqual({ extension: hosts });
    expect((await cloud.client.get('/extensions/none')).status).toBe(404);
  });
});
