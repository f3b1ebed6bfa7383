import { afterAll, beforeAll, expect, test } from 'vitest';

import { FakeClock } from '#kit/clock/clock.ts';
import type { ApiClient } from '#test/support/api-client.ts';
import {
  asVersion,
  type ComputeForTest,
  hostFacts,
  PlacementNotes,
  sayHello,
  startCompute,
} from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { putServers } from '#test/support/servers.ts';

describeEachEngine('hypervisors', (databases) => {
  const clock = new FakeClock();
  let cloud: ComputeForTest;
  let client: ApiClient;
  let ids: { id: string; hypervisor_hostname: string }[];
  let serverId: string;
  beforeAll(async () => {
    const parts = { placement: new PlacementNotes().contract };
    cloud = await startCompute(await databases.open(), { clock, parts });
    client = cloud.client;
    await sayHello(cloud, 'h1', hostFacts({ address: '192.0.2.1' }));
    await sayHello(cloud, 'h2');
    const [server] = await putServers(
      cloud.compute,
      { number: 42 },
      { projectId: 'project-b', taskState: 'rebooting' },
      { deletedAt: 1 },
      { host: null },
    );
    serverId = server!.id;
    ids = (await client.get('/os-hypervisors', asVersion('2.53'))).body.hypervisors;
  });
  afterAll(() => cloud.close());

  const show = async (version: string, id: string | number = 1) =>
    (await client.get(`/os-hypervisors/${id}`, asVersion(version))).body.hypervisor;
  const names = async (path: string, version: string) =>
    (await client.get(path, asVersion(version))).body.hypervisors.map(
      (h: { hypervisor_hostname: string }) => h.hypervisor_hostname,
    );

  test('a hypervisor is shown with every field of the version', async () => {
    const brief = { id: 1, hypervisor_hostname: 'h1', state: 'up', status: 'enabled' };
    const basic = {
      ...brief,
      hypervisor_type: 'QEMU',
      hypervisor_version: 7_002_001,
      host_ip: '192.0.2.1',
      service: { id: 3, host: 'h1', disabled_reason: null },
    };
    const resources = {
      vcpus: 8,
      memory_mb: 16_384,
      local_gb: 100,
      vcpus_used: 2,
      memory_mb_used: 512 + 1024,
      local_gb_used: 2,
      free_ram_mb: 16_384 - 1536,
      free_disk_gb: 98,
      disk_available_least: 90,
      current_workload: 1,
      running_vms: 2,
    };
    const { cpu } = hostFacts();
    expect(await show('2.1')).toEqual({ ...basic, ...resources, cpu_info: JSON.stringify(cpu) });
    expect(await show('2.28')).toEqual({ ...basic, ...resources, cpu_info: cpu });
    const { id } = ids[0]!;
    const uuids = { id, service: { ...basic.service, id: expect.stringMatching(/^[0-9a-f-]{36}$/) } };
    expect(await show('2.53', id)).toEqual({ ...basic, ...resources, cpu_info: cpu, ...uuids });
    expect(await show('2.88', id)).toEqual({ ...basic, ...uuids, uptime: '11:00:00 up 1 day' });
    const list = await client.get('/os-hypervisors');
    expect(list.body.hypervisors[0]).toEqual(brief);
    const detail = await client.get('/os-hypervisors/detail');
    expect(detail.body.hypervisors[0]).toEqual(await show('2.1'));
    expect(detail.body.hypervisors[1]).toMatchObject({ host_ip: null, running_vms: 0, memory_mb_used: 512 });
  });

  test('servers are shown when asked for', async () => {
    const { id } = ids[0]!;
    const server = { name: 'instance-0000002a', uuid: serverId };
    expect((await show('2.53', `${id}?with_servers=true`)).servers).toContainEqual(server);
    expect(await show('2.53', id)).not.toHaveProperty('servers');
    const [, second] = ids;
    expect(await show('2.53', `${second!.id}?with_servers=1`)).not.toHaveProperty('servers');
    expect(await show('2.75', `${second!.id}?with_servers=1`)).toMatchObject({ servers: [] });
    const { body } = await client.get('/os-hypervisors?with_servers=True', asVersion('2.75'));
    expect(body.hypervisors.map((h: { servers: unknown[] }) => h.servers.length)).toEqual([2, 0]);
    const old = await client.get('/os-hypervisors/h1/servers');
    expect(old.body.hypervisors[0].servers).toContainEqual(server);
    expect((await client.get('/os-hypervisors/h1/servers', asVersion('2.53'))).status).toBe(404);
  });

  test('hypervisors are found by part of their name', async () => {
    expect(await names('/os-hypervisors/H/search', '2.1')).toEqual(['h1', 'h2']);
    expect(await names('/os-hypervisors?hypervisor_hostname_pattern=h2', '2.53')).toEqual(['h2']);
    for (const [path, version] of [
      ['/os-hypervisors/x/search', '2.1'],
      ['/os-hypervisors?hypervisor_hostname_pattern=x', '2.53'],
    ] as const) {
      expect((await client.get(path, asVersion(version))).body.itemNotFound.message).toBe(
        "No hypervisor matching 'x' could be found.",
      );
    }
    const both = '/os-hypervisors?hypervisor_hostname_pattern=h&limit=1';
    expect((await client.get(both, asVersion('2.53'))).status).toBe(400);
  });

  test('lists are paged since 2.33', async () => {
    expect(await names('/os-hypervisors?limit=1', '2.32')).toEqual(['h1', 'h2']);
    const page = await client.get('/os-hypervisors/detail?limit=1', asVersion('2.33'));
    expect(page.body.hypervisors_links).toEqual([
      { rel: 'next', href: `${client.origin}/v2.1/os-hypervisors/detail?limit=1&marker=1` },
    ]);
    expect(await names('/os-hypervisors?limit=1&marker=1', '2.33')).toEqual(['h2']);
    expect(await names(`/os-hypervisors?marker=${ids[0]!.id}`, '2.53')).toEqual(['h2']);
    expect((await client.get('/os-hypervisors?marker=9', asVersion('2.33'))).body.badRequest.message).toBe(
      'marker [9] not found',
    );
  });

  test('statistics add up what is enabled, until 2.87', async () => {
    const { body } = await client.get('/os-hypervisors/statistics', asVersion('2.87'));
    expect(body.hypervisor_statistics).toEqual({
      count: 2,
      vcpus: 16,
      memory_mb: 32_768,
      local_gb: 200,
      vcpus_used: 2,
      memory_mb_used: 2048,
      local_gb_used: 2,
      free_ram_mb: 32_768 - 2048,
      free_disk_gb: 198,
      disk_available_least: 180,
      current_workload: 1,
      running_vms: 2,
    });
    expect((await client.get('/os-hypervisors/statistics', asVersion('2.88'))).status).not.toBe(200);
  });

  test('ids that are none are refused', async () => {
    expect((await client.get('/os-hypervisors/x')).body.itemNotFound.message).toBe(
      "Hypervisor with ID 'x' could not be found.",
    );
    for (const id of ['99', '3000000000', '9'.repeat(30)])
      expect((await client.get(`/os-hypervisors/${id}`)).status).toBe(404);
    expect((await client.get('/os-hypervisors/1', asVersion('2.53'))).body.badRequest.message).toBe(
      'Invalid uuid 1',
    );
  });

  test('the old hosts show what is used by whom, until 2.42', async () => {
    const { body } = await client.get('/os-hosts/h1');
    const row = (project: string, cpu: number, memory_mb: number, disk_gb: number) => ({
      resource: { host: 'h1', project, cpu, memory_mb, disk_gb },
    });
    expect(body.host).toEqual([
      row('(total)', 8, 16_384, 100),
      row('(used_now)', 2, 1536, 2),
      row('(used_max)', 2, 1024, 2),
      row('project-a', 1, 512, 1),
      row('project-b', 1, 512, 1),
    ]);
    const list = await client.get('/os-hosts?zone=nova');
    expect(list.body.hosts).toEqual([
      { host_name: 'h1', service: 'compute', zone: 'nova' },
      { host_name: 'h2', service: 'compute', zone: 'nova' },
    ]);
    expect((await client.get('/os-hosts/none')).status).toBe(404);
    expect((await client.get('/os-hosts/h1/reboot')).status).toBe(501);
    expect((await client.put('/os-hosts/none', { status: 'enable' })).status).toBe(404);
    expect((await client.put('/os-hosts/h1', { status: 'enable' })).status).toBe(501);
    expect((await client.put('/os-hosts/h1', {})).status).toBe(400);
    expect((await client.get('/os-hosts', asVersion('2.43'))).status).toBe(404);
  });

  test('hypervisors are for administrators', async () => {
    expect((await client.get('/os-hypervisors', { as: 'member' })).status).toBe(403);
    expect((await client.get('/os-hypervisors/x', { as: 'member' })).status).toBe(403);
  });

  test('a host that is down tells no uptime', async () => {
    expect((await client.get('/os-hypervisors/1/uptime')).body.hypervisor.uptime).toBe('11:00:00 up 1 day');
    clock.advance(61_000);
    expect(await show('2.88', ids[0]!.id)).toMatchObject({ state: 'down', uptime: null });
    expect((await client.get('/os-hypervisors/1/uptime')).body.badRequest.message).toBe(
      'Compute service of h1 is unavailable at this time.',
    );
  });
});
