import { afterAll, beforeAll, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';

const databases = sqliteDatabases();
let network: TestNetwork;
beforeAll(async () => {
  network = await serveNetwork(databases);
});
afterAll(() => network.close());

test('the engine is what provides routers', async () => {
  const list = async (query = '') =>
    (await network.client.get(`/service-providers${query}`, { as: 'reader' })).body.service_providers;
  expect(await list()).toEqual([{ service_type: 'L3_ROUTER_NAT', name: 'sim', default: true }]);
  expect(await list('?service_type=VPN')).toEqual([]);
});
