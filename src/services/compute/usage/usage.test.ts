import { afterAll, beforeAll, expect, test } from 'vitest';

import { FakeClock } from '#kit/clock/clock.ts';
import type { ApiClient } from '#test/support/api-client.ts';
import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

const hour = 3_600_000;
const day = Date.UTC(2026, 0, 1);

describeEachEngine('usage', (databases) => {
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await startCompute(await databases.open(), { clock: new FakeClock(day + 10 * hour) });
    client = cloud.client;
    const id = (n: number) => `00000000-0000-0000-0000-00000000000${n}`;
    await putServers(
      cloud.compute,
      { id: id(1), name: 'runs', launchedAt: day + 2 * hour },
      {
        id: id(2),
        launchedAt: day - 9 * hour,
        terminatedAt: day + hour,
        deletedAt: day + hour,
        vmState: 'deleted',
      },
      { id: id(3), launchedAt: day - 9 * hour, terminatedAt: day - hour, deletedAt: day - hour },
      { id: id(4), launchedAt: null, vmState: 'error' },
      { id: id(5), launchedAt: day + 2 * hour, projectId: 'project-b' },
    );
  });
  afterAll(() => cloud.close());

  const period = 'start=2026-01-01T00:00:00&end=2026-01-01T06:00:00.0';

  test("a project's usage counts its servers, deleted ones too, within the period", async () => {
    const { body } = await client.get(`/os-simple-tenant-usage/project-a?${period}`, { as: 'reader' });
    const [runs, ended] = body.tenant_usage.server_usages;
    expect(body.tenant_usage).toEqual({
      tenant_id: 'project-a',
      total_hours: 5,
      total_vcpus_usage: 5,
      total_memory_mb_usage: 5 * 512,
      total_local_gb_usage: 5,
      start: '2026-01-01T00:00:00.000000',
      stop: '2026-01-01T06:00:00.000000',
      server_usages: [runs, ended],
    });
    expect(runs).toEqual({
      instance_id: '00000000-0000-0000-0000-000000000001',
      name: 'runs',
      tenant_id: 'project-a',
      flavor: 'small',
      vcpus: 1,
      memory_mb: 512,
      local_gb: 1,
      hours: 4,
      uptime: 8 * 3600,
      started_at: '2026-01-01T02:00:00.000000',
      ended_at: null,
      state: 'active',
    });
    expect(ended).toMatchObject({
      hours: 1,
      uptime: 10 * 3600,
      ended_at: '2026-01-01T01:00:00.000000',
      state: 'terminated',
    });
  });

  test('all projects are listed, in detail when asked for', async () => {
    const { body } = await client.get(`/os-simple-tenant-usage?${period}`);
    expect(
      body.tenant_usages.map((u: { tenant_id: string; total_hours: number }) => [u.tenant_id, u.total_hours]),
    ).toEqual([
      ['project-a', 5],
      ['project-b', 4],
    ]);
    expect(body.tenant_usages[0]).not.toHaveProperty('server_usages');
    const detail = await client.get(`/os-simple-tenant-usage?${period}&detailed=1`);
    expect(detail.body.tenant_usages[1].server_usages).toHaveLength(1);
  });

  test('a period ends now at the latest, and must be one', async () => {
    const future = await client.get(
      '/os-simple-tenant-usage/project-b?start=2026-01-01T00:00:00&end=2027-01-01T00:00:00',
    );
    expect(future.body.tenant_usage).toMatchObject({ total_hours: 8, stop: '2026-01-01T10:00:00.000000' });
    expect((await client.get('/os-simple-tenant-usage/project-b')).body).toEqual({
      tenant_usage: {
        tenant_id: 'project-b',
        total_hours: 0,
        total_vcpus_usage: 0,
        total_memory_mb_usage: 0,
        total_local_gb_usage: 0,
        start: '2026-01-01T10:00:00.000000',
        stop: '2026-01-01T10:00:00.000000',
        server_usages: [expect.objectContaining({ hours: 0 })],
      },
    });
    expect((await client.get('/os-simple-tenant-usage/nowhere')).body).toEqual({ tenant_usage: {} });
    expect((await client.get('/os-simple-tenant-usage/')).status).toBe(404);
    expect((await client.get('/os-simple-tenant-usage?start=yesterday')).body.badRequest.message).toBe(
      'Invalid datetime string: Datetime is in invalid format',
    );
    const backwards = '/os-simple-tenant-usage?start=2026-01-02T00:00:00&end=2026-01-01T00:00:00';
    expect((await client.get(backwards)).body.badRequest.message).toBe(
      'Invalid start time. The start time cannot occur after the end time.',
    );
  });

  test('lists are paged since 2.40', async () => {
    const get = async (query: string, version = '2.40') =>
      (await client.get(`/os-simple-tenant-usage${query}`, asVersion(version))).body;
    expect((await get(`?${period}&limit=1`, '2.39')).tenant_usages).toHaveLength(2);
    const first = await get(`?${period}&limit=1&detailed=1`);
    expect(first.tenant_usages[0].server_usages).toHaveLength(1);
    const { href } = first.tenant_usages_links[0];
    expect(href).toContain('/v2.1/os-simple-tenant-usage?');
    expect(href).toMatch(/marker=00000000-0000-0000-0000-000000000001$/);
    const second = await get(`?${href.split('?')[1].replace('limit=1', 'limit=2')}`);
    expect(second.tenant_usages.map((u: { tenant_id: string }) => u.tenant_id)).toEqual([
      'project-a',
      'project-b',
    ]);
    expect(second.tenant_usages_links).toHaveLength(1);
    const one = await get(`/project-a?${period}&limit=2`);
    expect(one.tenant_usage_links[0].href).toContain('/os-simple-tenant-usage/project-a?');
    const bad = await client.get(`/os-simple-tenant-usage?${period}&marker=none`, asVersion('2.40'));
    expect(bad.body.badRequest.message).toBe('Marker none could not be found.');
  });

  test('usage is for the project and for administrators', async () => {
    expect((await client.get('/os-simple-tenant-usage/project-a', { as: 'stranger' })).status).toBe(403);
    expect((await client.get('/os-simple-tenant-usage', { as: 'manager' })).status).toBe(403);
  });
});
