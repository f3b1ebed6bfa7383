import { afterAll, beforeAll, expect, test } from 'vitest';

import type { NetworkContract } from '#contracts/network.ts';
import { asVersion, startCompute, type ComputeForTest, absent } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { aServer, putServers } from '#test/support/servers.ts';

import type { Server } from './server.ts';

describeEachEngine('lists of servers', (databases) => {
  let world: ComputeForTest;
  const start = Date.UTC(2026, 0, 1);
  const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
  let servers: Server[];
  let deleted: Server;

  beforeAll(async () => {
    world = await startCompute(await databases.open(), {
      parts: {
        network: absent<NetworkContract>('network', {
          portsOf: async (ids) =>
            ids.includes(servers[1]!.id)
              ? [
                  {
                    id: 'p',
                    deviceId: servers[1]!.id,
                    projectId: servers[1]!.projectId,
                    addresses: [{ address: '10.1.2.3' }],
                    securityGroups: [],
                    networkName: 'n',
                    mac: 'm',
                  } as never,
                ]
              : [],
          securityGroupsById: async () => [],
        }),
      },
    });
    const at = (minute: number) => start + minute * 60_000;
    servers = await putServers(
      world.compute,
      ...names.map((name, i) =>
        aServer({ name, createdAt: at(i), updatedAt: at(i), launchIndex: i, imageRef: `image-${i % 2}` }),
      ),
    );
    [deleted] = (await putServers(
      world.compute,
      aServer({ name: 'gone', vmState: 'deleted', createdAt: at(9), updatedAt: at(20), deletedAt: at(20) }),
    )) as [Server];
    await world.compute.servers.update(servers[0]!.id, {
      vmState: 'stopped',
      updatedAt: at(10),
      keyName: 'key',
      powerState: 4,
    });
    await world.compute.servers.update(servers[2]!.id, {
      taskState: 'rebooting',
      updatedAt: at(2),
      locked: true,
      lockedBy: 'admin',
    });
    await putServers(
      world.compute,
      aServer({ name: 'theirs', projectId: 'project-b', userId: 'stranger-user' }),
    );
  });
  afterAll(() => world.close());

  const get = (path: string, as = 'member', version = 'latest') =>
    world.client.get(path, { as, ...asVersion(version) });
  const found = async (query: string, as?: string, version?: string) =>
    (await get(`/servers?${query}`, as, version)).body.servers.map((s: { name: string }) => s.name);

  test('newest first, the own project’s only', async () => {
    expect(await found('')).toEqual(['epsilon', 'delta', 'gamma', 'beta', 'alpha']);
    const { body } = await get('/servers');
    expect(body.servers[0]).toEqual({
      id: servers[4]!.id,
      name: 'epsilon',
      links: [
        { rel: 'self', href: `${world.client.origin}/v2.1/servers/${servers[4]!.id}` },
        { rel: 'bookmark', href: `${world.client.origin}/servers/${servers[4]!.id}` },
      ],
    });
    expect(await found('all_tenants=1', 'admin')).toContain('theirs');
    expect((await get('/servers?all_tenants=1')).body.forbidden.message).toBe(
      "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.",
    );
    expect((await get('/servers?all_tenants=maybe', 'admin')).status).toBe(400);
  });

  test('pages follow one another by marker and link', async () => {
    const first = (await get('/servers?limit=2')).body;
    expect(first.servers.map((s: { name: string }) => s.name)).toEqual(['epsilon', 'delta']);
    const next = new URL(first.servers_links[0].href);
    expect(next.searchParams.get('marker')).toBe(servers[3]!.id);
    const second = (await get(`/servers${next.search}`)).body;
    expect(second.servers.map((s: { name: string }) => s.name)).toEqual(['gamma', 'beta']);
    expect((await get('/servers/detail?limit=1')).body.servers_links[0].href).toContain(
      '/v2.1/servers/detail?limit=1&marker=',
    );
    expect((await get('/servers?limit=0')).body).toEqual({ servers: [] });
    expect((await get('/servers?marker=none')).body.badRequest.message).toBe('marker [none] not found');
    expect((await get('/servers?limit=-1')).status).toBe(400);
    expect((await get('/servers?limit=a')).status).toBe(400);
  });

  test('no page is longer than the operator wants', async () => {
    const small = await startCompute(await databases.open(), { options: { max_limit: 2 } });
    try {
      const { actions, migrations, parts } = small.compute;
      const [server] = await putServers(small.compute, aServer(), aServer(), aServer());
      const { id, projectId, userId } = server!;
      for (const number of [1, 2, 3]) {
        const times = { startedAt: number, updatedAt: number };
        const action = { action: 'stop', userId, projectId, host: null, sagas: [], message: null, ...times };
        await actions.insert({ serverId: id, requestId: `req-${number}`, ...action });
        const hosts = {
          sourceHost: 'h1',
          sourceNode: 'h1',
          destHost: 'h1',
          destNode: 'h1',
          destAddress: null,
        };
        const kind = { type: 'resize', status: 'finished', oldFlavor: null, newFlavor: null } as const;
        const made = { uuid: crypto.randomUUID(), serverId: id, projectId, userId, ...hosts, ...kind };
        const at = { createdAt: number, updatedAt: null };
        await parts.database.transaction((trx) => migrations.insert({ ...made, ...at }, trx as never));
      }
      const page = async (path: string, key: string, links: string) => {
        const { body } = await small.client.get(path, { as: 'admin', ...asVersion('latest') });
        return [body[key].length, body[links]?.[0].rel];
      };
      const full = [2, 'next'];
      expect(await page('/servers?all_tenants=1&limit=3', 'servers', 'servers_links')).toEqual(full);
      expect(await page(`/servers/${id}/os-instance-actions`, 'instanceActions', 'links')).toEqual(full);
      expect(await page('/os-migrations', 'migrations', 'migrations_links')).toEqual(full);
    } finally {
      await small.close();
    }
  });

  test('sorting by any column, and by several', async () => {
    expect(await found('sort_key=display_name&sort_dir=asc')).toEqual([
      'alpha',
      'beta',
      'delta',
      'epsilon',
      'gamma',
    ]);
    expect(await found('sort_key=image_ref&sort_dir=asc&sort_key=display_name&sort_dir=desc')).toEqual([
      'gamma',
      'epsilon',
      'alpha',
      'delta',
      'beta',
    ]);
    const page = (await get('/servers?sort_key=key_name&sort_dir=asc&limit=3')).body.servers;
    const rest = await found(`sort_key=key_name&sort_dir=asc&marker=${page[2].id}`);
    expect([...page.map((s: { name: string }) => s.name), ...rest].toSorted()).toEqual(names.toSorted());
    expect(rest.at(-1)).toBe('alpha');
    expect((await get('/servers?sort_key=bogus')).status).toBe(400);
    expect((await get('/servers?sort_key=vcpus', 'member', '2.74')).status).toBe(200);
    expect((await get('/servers?sort_key=vcpus', 'member', '2.75')).status).toBe(400);
    expect((await get('/servers?sort_key=host')).body.forbidden.message).toBe(
      'Only administrators can sort servers by host',
    );
    expect((await get('/servers?sort_dir=up')).status).toBe(400);
  });

  test('filters everybody has', async () => {
    expect(await found('name=et')).toEqual(['beta']);
    expect(await found('name=^.e')).toEqual(['delta', 'beta']);
    expect(await found('status=shutoff')).toEqual(['alpha']);
    expect(await found('status=REBOOT')).toEqual(['gamma']);
    expect(await found('status=ACTIVE')).toEqual(['epsilon', 'delta', 'gamma', 'beta']);
    expect(await found('status=SHUTOFF&status=ERROR')).toEqual(['alpha']);
    expect((await get('/servers?status=nonsense')).body.badRequest.message).toBe('Invalid status value');
    expect(await found('status=nonsense', 'member', '2.37')).toEqual([]);
    expect(await found('image=image-1')).toEqual(['delta', 'beta']);
    expect(await found('flavor=1')).toHaveLength(5);
    expect(await found('flavor=2')).toEqual([]);
    expect(await found('ip=10.1.2')).toEqual(['beta']);
    expect(await found('locked=true')).toEqual(['gamma']);
    expect(await found('key_name=key')).toEqual(['alpha']);
    expect(await found('power_state=4')).toEqual(['alpha']);
    expect(await found('limit=1&name=a$')).toEqual(['delta']);
    expect((await get('/servers?name=')).body.badRequest.message).toBe(
      "Invalid input for query parameters name. Value: . '' is not a 'regex'",
    );
  });

  test('filters for administrators are passed over for others', async () => {
    expect(await found('host=nowhere')).toHaveLength(5);
    expect(await found('host=nowhere&all_tenants=1', 'admin')).toEqual([]);
    expect(await found('host=h1&all_tenants=1&tenant_id=project-b', 'admin')).toEqual(['theirs']);
    expect(await found('all_tenants=1&launch_index=3', 'admin')).toEqual(['delta']);
    expect((await get('/servers?metadata=x', 'admin')).body.badRequest.message).toBe(
      'Invalid filter field: metadata.',
    );
    expect((await get('/servers?_secret=x', 'admin', '2.1')).body.badRequest.message).toBe(
      'Invalid filter field: _secret.',
    );
    expect((await get('/servers?bogus=1', 'member', '2.74')).status).toBe(200);
    expect((await get('/servers?bogus=1', 'member', '2.75')).status).toBe(400);
  });

  test('changes, with what was deleted', async () => {
    const iso = (minute: number) => encodeURIComponent(new Date(start + minute * 60_000).toISOString());
    expect(await found(`changes-since=${iso(4)}`)).toEqual(['gone', 'epsilon', 'alpha']);
    expect(await found(`changes-since=${iso(4)}&changes-before=${iso(10)}`)).toEqual(['epsilon', 'alpha']);
    expect((await get(`/servers?changes-since=${iso(4)}&changes-before=${iso(3)}`)).status).toBe(400);
    expect((await get('/servers?changes-since=yesterday')).body.badRequest.message).toBe(
      "Invalid input for query parameters changes-since. Value: yesterday. 'yesterday' is not a 'date-time'",
    );
    expect(await found('changes-since=2000-01-01%2000:00')).toHaveLength(6);
    expect(await found('changes-since=2999')).toEqual([]);
    expect(await found('deleted=true', 'admin')).toEqual([]);
    expect(await found('deleted=true&all_tenants=1', 'admin')).toEqual(['gone']);
    expect(await found('deleted=true')).toHaveLength(5);
    expect((await get('/servers?status=DELETED')).body.forbidden.message).toBe(
      'Only administrators may list deleted instances',
    );
    const { body } = await get('/servers/detail?status=DELETED&all_tenants=1', 'admin');
    expect(body.servers).toMatchObject([{ id: deleted.id, status: 'DELETED' }]);
  });

  test('details show what the version and the caller may see', async () => {
    const one = async (version: string, as = 'member') =>
      (await get('/servers/detail?limit=1', as, version)).body.servers[0] ?? {};
    expect(Object.keys(await one('2.1')).toSorted()).toEqual(
      [
        'OS-DCF:diskConfig',
        'OS-EXT-AZ:availability_zone',
        'OS-EXT-STS:power_state',
        'OS-EXT-STS:task_state',
        'OS-EXT-STS:vm_state',
        'OS-SRV-USG:launched_at',
        'OS-SRV-USG:terminated_at',
        'accessIPv4',
        'accessIPv6',
        'addresses',
        'config_drive',
        'created',
        'flavor',
        'hostId',
        'id',
        'image',
        'key_name',
        'links',
        'metadata',
        'name',
        'os-extended-volumes:volumes_attached',
        'progress',
        'status',
        'tenant_id',
        'updated',
        'user_id',
      ].toSorted(),
    );
    const since: Record<string, string> = {
      '2.9': 'locked',
      '2.19': 'description',
      '2.26': 'tags',
      '2.63': 'trusted_image_certificates',
      '2.73': 'locked_reason',
      '2.90': 'OS-EXT-SRV-ATTR:hostname',
      '2.96': 'pinned_availability_zone',
      '2.100': 'scheduler_hints',
    };
    for (const [version, field] of Object.entries(since)) {
      const [major, minor] = version.split('.').map(Number) as [number, number];
      expect([field, field in (await one(`${major}.${minor - 1}`))]).toEqual([field, false]);
      expect([field, field in (await one(version))]).toEqual([field, true]);
    }
    expect((await one('2.46')).flavor).toEqual({
      id: '1',
      links: [{ rel: 'bookmark', href: `${world.client.origin}/flavors/1` }],
    });
    expect((await one('2.47')).flavor).toEqual({
      vcpus: 1,
      ram: 512,
      disk: 1,
      ephemeral: 0,
      swap: 0,
      original_name: 'small',
      extra_specs: {},
    });
    expect(await one('latest')).not.toHaveProperty('server_groups');
    expect((await get(`/servers/${servers[0]!.id}`, 'member', '2.70')).body.server).not.toHaveProperty(
      'server_groups',
    );
    expect((await get(`/servers/${servers[0]!.id}`, 'member', '2.71')).body.server.server_groups).toEqual([]);
    const asAdmin = (await get('/servers/detail?all_tenants=1&limit=1', 'admin', '2.2')).body.servers[0];
    expect(asAdmin).toMatchObject({
      'OS-EXT-SRV-ATTR:host': 'h1',
      'OS-EXT-SRV-ATTR:instance_name': expect.stringMatching(/^instance-[0-9a-f]{8}$/),
    });
    expect(asAdmin).not.toHaveProperty('OS-EXT-SRV-ATTR:hostname');
    const later = (await get('/servers/detail?all_tenants=1&limit=1', 'admin', '2.16')).body.servers[0];
    expect(later).toMatchObject({ 'OS-EXT-SRV-ATTR:hostname': expect.any(String), host_status: 'UNKNOWN' });
  });
});
