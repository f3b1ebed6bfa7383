import { afterAll, beforeAll, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

const databases = sqliteDatabases();
let world: ComputeWorld;
beforeAll(async () => {
  world = await ComputeWorld.open(await databases.open());
});
afterAll(() => world.close());

const ask = (path: string, as = 'admin') =>
  world.send('GET', `/os-instance_usage_audit_log${path}`, undefined, { as });

test('no host has audited usage', async () => {
  expect((await ask('')).body.instance_usage_audit_logs).toMatchObject({
    num_hosts: 1,
    num_hosts_not_run: 1,
    hosts_not_run: ['host-1'],
    overall_status: '0 of 1 hosts done. 0 errors.',
    log: {},
  });
  expect((await ask('', 'member')).status).toBe(403);
});

test.each([
  ['2026-03-17 10:00:00', '2026-02-01 00:00:00', '2026-03-01 00:00:00'],
  ['2026-03-01 00:00:00.5', '2026-02-01 00:00:00', '2026-03-01 00:00:00'],
  ['2026-03-01 00:00:00', '2026-01-01 00:00:00', '2026-02-01 00:00:00'],
  ['2026-01-31 10:00:00', '2025-12-01 00:00:00', '2026-01-01 00:00:00'],
])('the month before %s', async (before, beginning, ending) => {
  expect((await ask(`/${encodeURIComponent(before)}`)).body.instance_usage_audit_log).toMatchObject({
    period_beginning: beginning,
    period_ending: ending,
  });
});

test('a moment must be one', async () => {
  for (const text of ['yesterday', '2026-13-01 00:00:00', '2026-01-01']) {
    const answer = await ask(`/${encodeURIComponent(text)}`);
    expect(answer.body.badRequest.message).toBe(`Invalid timestamp for date ${text}`);
  }
});
