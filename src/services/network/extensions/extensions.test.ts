import { afterAll, beforeAll, expect, test } from 'vitest';

import { sqliteDatabases } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';

const databases = sqliteDatabases();
let network: TestNetwork;
beforeAll(async () => {
  network = await serveNetwork(databases);
});
afterAll(() => network.close());

test('every extension says what it is, and is found by its alias', async () => {
  const { extensions } = (await network.client.get('/extensions', { as: 'reader' })).body;
  for (const extension of extensions) {
    expect(extension).toEqual({
      alias: expect.stringMatching(/^[a-z0-9_-]+$/),
      name: expect.any(String),
      description: expect.any(String),
      updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      links: [],
    });
    const shown = await network.client.get(`/extensions/${extension.alias}`, { as: 'reader' });
    expect(shown.body).toEqual({ extension });
  }
  const aliases: string[] = extensions.map((extension: { alias: string }) => extension.alias);
  expect(new Set(aliases).size).toBe(aliases.length);
  for (const missing of ['trunk', 'qos', 'metering', 'logging', 'segment', 'floating-ip-port-forwarding'])
    expect(aliases).not.toContain(missing);
  expect((await network.client.get('/extensions/trunk')).status).toBe(404);
});

test('what a client without a token finds is the version', async () => {
  const { origin } = network.client;
  const root = await fetch(origin);
  expect([root.status, await root.json()]).toEqual([
    200,
    { versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${origin}/v2.0/` }] }] },
  ]);
  expect((await fetch(`${origin}/v2.0/networks`)).status).toBe(401);
});
