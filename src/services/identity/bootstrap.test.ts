import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { adminPassword, serveIdentity, type ServedIdentity } from '#test/support/identity.ts';

import { bootstrap as makeWhatEveryCloudHas } from './bootstrap.ts';

const services = (host: string) =>
  [
    ['identity', 'keystone', '/v3'],
    ['compute', 'nova', '/v2.1'],
  ].map(([type, name, path]) => {
    const url = `http://${host}${path}`;
    return { type: type!, name: name!, publicUrl: url, internalUrl: url, adminUrl: url };
  });

describeEachEngine('bootstrap', (databases) => {
  let cloud: ServedIdentity;
  beforeAll(async () => {
    cloud = await serveIdentity(await databases.open());
  });
  afterAll(() => cloud.close());

  const bootstrap = (password: string, host = 'cloud') =>
    makeWhatEveryCloudHas(cloud.identity, {
      adminPassword: password,
      region: 'RegionOne',
      endpoints: services(host),
    });
  const login = async (password: string, scope?: object) => {
    const user = { name: 'admin', domain: { id: 'default' }, password };
    const identity = { methods: ['password'], password: { user } };
    return cloud.authenticate({ identity, ...(scope && { scope }) });
  };
  const all = async (path: string) => (await cloud.client.get(path)).body;

  test('running it again makes nothing twice', async () => {
    await bootstrap(adminPassword);
    const before = [
      await all('/users'),
      await all('/projects'),
      await all('/domains'),
      await all('/roles'),
      await all('/role_inferences'),
      await all('/role_assignments'),
      await all('/services'),
      await all('/endpoints'),
    ];
    await bootstrap(adminPassword);
    expect([
      await all('/users'),
      await all('/projects'),
      await all('/domains'),
      await all('/roles'),
      await all('/role_inferences'),
      await all('/role_assignments'),
      await all('/services'),
      await all('/endpoints'),
    ]).toEqual(before);
    expect(before[4].role_inferences).toHaveLength(3);
    expect(before[6].services).toHaveLength(2);
    expect(before[7].endpoints).toHaveLength(6);
  });

  test('the administrator rules the project and the system', async () => {
    const scopes = [{ project: { name: 'admin', domain: { name: 'Default' } } }, { system: { all: true } }];
    for (const scope of scopes) {
      const { roles } = (await login(adminPassword, scope)).body.token;
      expect(roles.map((r: { name: string }) => r.name)).toContain('admin');
    }
  });

  test('another password replaces the old one, and other URLs the old ones', async () => {
    await bootstrap('another', 'elsewhere');
    expect((await login(adminPassword)).status).toBe(401);
    cloud.clock.advance(1000);
    const scope = { project: { name: 'admin', domain: { id: 'default' } } };
    const answer = await login('another', scope);
    expect(answer.status).toBe(201);
    const urls = answer.body.token.catalog.flatMap((s: { endpoints: { url: string }[] }) =>
      s.endpoints.map(({ url }) => url),
    );
    expect(new Set(urls)).toEqual(new Set(['http://elsewhere/v3', 'http://elsewhere/v2.1']));
  });
});
