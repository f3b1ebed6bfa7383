import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ComputeWorld } from '#test/support/compute-world/world.ts';
import { sqliteDatabases } from '#test/support/databases.ts';

describe('creating servers', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      hosts: ['h1', 'h2'],
      options: { quota_instances: -1, quota_cores: -1, quota_ram: -1 },
    });
  });
  afterAll(() => world.close());

  const post = (
    changes: object,
    options: { as?: string; version?: string } & Record<string, unknown> = {},
  ) => {
    const { as, version, ...body } = options;
    const server = {
      name: 'vm',
      imageRef: world.imageId,
      flavorRef: '1',
      networks: [{ uuid: world.networkId }],
      ...changes,
    };
    return world.send(
      'POST',
      '/servers',
      { server, ...body },
      {
        ...(as !== undefined && { as }),
        ...(version !== undefined && { version }),
      },
    );
  };
  const refusal = async (changes: object, options = {}) => {
    const { status, body } = await post(changes, options);
    return [status, (Object.values(body)[0] as { message: string }).message];
  };
  const built = async (changes: object, body: object = {}) =>
    world.show(await world.makeServer(changes, body));

  test('the answer is Nova’s', async () => {
    const answer = await post({ 'OS-DCF:diskConfig': 'AUTO', security_groups: [{ name: 'default' }] });
    expect(answer.status).toBe(202);
    expect(answer.body.server).toEqual({
      id: expect.any(String),
      links: [
        { rel: 'self', href: expect.stringContaining('/v2.1/servers/') },
        { rel: 'bookmark', href: expect.not.stringContaining('/v2.1/') },
      ],
      'OS-DCF:diskConfig': 'AUTO',
      security_groups: [{ name: 'default' }],
      adminPass: expect.stringMatching(/^[A-Za-z2-9]{12}$/),
    });
    await world.sagas.idle();
  });

  test('several servers at once are numbered and share a reservation', async () => {
    const { body } = await post({ name: 'many', min_count: 3, return_reservation_id: true });
    expect(body).toEqual({ reservation_id: expect.stringMatching(/^r-[0-9a-z]{8}$/) });
    await world.sagas.idle();
    const list = await world.send('GET', `/servers/detail?reservation_id=${body.reservation_id}`, undefined, {
      as: 'admin',
    });
    const all = (await world.send('GET', `/servers/detail?reservation_id=${body.reservation_id}`)).body
      .servers;
    expect(list.body.servers).toEqual([]);
    expect(all.map((s: { name: string }) => s.name).toSorted()).toEqual(['many-1', 'many-2', 'many-3']);
    expect(new Set(all.map((s: { status: string }) => s.status))).toEqual(new Set(['ACTIVE']));
    expect(await refusal({ min_count: 3, max_count: 2 })).toEqual([400, 'min_count must be <= max_count']);
    expect(await refusal({ min_count: 2, networks: [{ port: crypto.randomUUID() }] })).toEqual([
      400,
      expect.stringContaining('Unable to launch multiple instances with a single configured port ID'),
    ]);
    expect(
      await refusal({ min_count: 2, networks: [{ uuid: world.networkId, fixed_ip: '10.0.0.9' }] }),
    ).toEqual([
      400,
      expect.stringContaining('max_count cannot be greater than 1 if an fixed_ip is specified.'),
    ]);
    expect((await refusal({ min_count: 2, hostname: 'one' }))[1]).toBe(
      'Unable to allocate a single hostname to multiple instances',
    );
  });

  test('what a request names must be there', async () => {
    const nowhere = crypto.randomUUID();
    expect(await refusal({ imageRef: nowhere })).toEqual([400, 'Can not find requested image']);
    expect(await refusal({ imageRef: '' })).toEqual([400, 'Missing imageRef attribute']);
    expect(await refusal({ flavorRef: '99' })).toEqual([400, 'Flavor 99 could not be found.']);
    expect(await refusal({ key_name: 'none' })).toEqual([400, 'Invalid key_name provided.']);
    expect(await refusal({ networks: [{ uuid: nowhere }] })).toEqual([
      400,
      `Network ${nowhere} could not be found.`,
    ]);
    expect(await refusal({ networks: [{ port: nowhere }] })).toEqual([
      400,
      `Port id ${nowhere} could not be found.`,
    ]);
    expect(await refusal({ networks: [{}] })).toEqual([400, "Bad network format: missing 'uuid'"]);
    expect(await refusal({ security_groups: [{ name: 'none' }] })).toEqual([
      400,
      'Security group none not found.',
    ]);
    expect(await refusal({ availability_zone: 'mars' })).toEqual([
      400,
      'The requested availability zone is not available',
    ]);
    expect(await refusal({}, { 'os:scheduler_hints': { group: nowhere } })).toEqual([
      400,
      `Instance group ${nowhere} could not be found.`,
    ]);
  });

  test('images must fit their flavors', async () => {
    const image = (changes: object) => world.images.put({ id: crypto.randomUUID(), ...changes }).id;
    expect(await refusal({ imageRef: image({ status: 'queued' }) })).toEqual([
      400,
      expect.stringMatching(/^Image .* is not active\.$/),
    ]);
    expect(await refusal({ imageRef: image({ minRam: 4096 }) })).toEqual([
      400,
      "Flavor's memory is too small for requested image.",
    ]);
    expect((await refusal({ imageRef: image({ minDisk: 5 }) }))[1]).toBe(
      "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is 1073741824 bytes, minimum size is 5368709120 bytes.",
    );
    expect((await refusal({ imageRef: image({ virtualSize: 2 ** 31 }) }))[1]).toMatch(
      /^Flavor's disk is too small for requested image/,
    );
    await world.makeFlavor('nodisk', { rootGb: 0 });
    expect(await refusal({ flavorRef: 'nodisk' })).toEqual([
      403,
      'Only volume-backed servers are allowed for flavors with zero disk.',
    ]);
  });

  test('fields exist in their microversions only', async () => {
    const bad = async (changes: object, version: string) => (await post(changes, { version })).status;
    expect(await bad({ tags: ['x'] }, '2.51')).toBe(400);
    expect(await bad({ tags: ['x'] }, '2.52')).toBe(202);
    expect(await bad({ description: 'd' }, '2.18')).toBe(400);
    expect(await bad({ networks: undefined }, '2.37')).toBe(400);
    expect(await bad({ networks: undefined }, '2.36')).toBe(202);
    expect(await bad({ networks: 'none' }, '2.36')).toBe(400);
    expect(await bad({ personality: [] }, '2.57')).toBe(400);
    expect(await bad({ personality: [{ path: '/a' }, {}] }, '2.56')).toBe(202);
    expect(await bad({ hostname: 'a.b' }, '2.93')).toBe(400);
    expect(await bad({ hostname: 'a.b' }, '2.94')).toBe(202);
    expect(await bad({ user_data: 'not base64!' }, '2.1')).toBe(400);
    expect(await bad({ networks: [{ uuid: world.networkId, tag: 'x' }] }, '2.41')).toBe(400);
    expect(await bad({ networks: [{ uuid: world.networkId, tag: 'x' }] }, '2.42')).toBe(202);
    expect(await bad({ networks: [{ uuid: world.networkId, tag: 'x' }] }, '2.36')).toBe(202);
    await world.sagas.idle();
  });

  test('networks: none, all kinds, and which by default', async () => {
    expect((await built({ networks: 'none' })).addresses).toEqual({});
    const port = world.network.putPort(crypto.randomUUID(), world.networkId);
    const mine = await built({
      networks: [{ port: port.id }, { uuid: world.networkId, fixed_ip: '10.0.7.7' }],
    });
    expect(mine.addresses.net.map((a: { addr: string }) => a.addr)).toEqual([
      port.addresses[0]!.address,
      '10.0.7.7',
    ]);
    expect((await refusal({ networks: [{ port: port.id }] }))[0]).toBe(409);
    await world.send('DELETE', `/servers/${mine.id}`);
    await world.sagas.idle();
    expect(world.network.ports.get(port.id)?.deviceId).toBe('');
    const second = world.network.put({ id: crypto.randomUUID() });
    expect(await refusal({ networks: 'auto' })).toEqual([
      409,
      'Multiple possible networks found, use a Network ID to be more specific.',
    ]);
    world.network.known.delete(second.id);
    const outside = world.network.put({ id: crypto.randomUUID(), external: true });
    expect(await refusal({ networks: [{ uuid: outside.id }] })).toEqual([
      403,
      `It is not allowed to create an interface on external network ${outside.id}`,
    ]);
    world.network.known.delete(outside.id);
    const bare = world.network.put({ id: crypto.randomUUID(), hasSubnets: false });
    expect((await refusal({ networks: [{ uuid: bare.id }] }))[1]).toContain('requires a subnet');
    world.network.known.delete(bare.id);
  });

  test('networks: auto makes a network for a project that has none', async () => {
    const own = world.network.known.get(world.networkId)!;
    world.network.known.delete(own.id);
    expect(await refusal({ networks: 'auto' })).toEqual([
      400,
      'Unable to automatically allocate a network for project project-a',
    ]);
    world.network.allocates = true;
    const made = await post({ networks: 'auto', min_count: 2, max_count: 2 });
    expect(made.status).toBe(202);
    await world.sagas.idle();
    const { body } = await world.send('GET', '/servers/detail?limit=2');
    const addresses = body.servers.map((server: { addresses: object }) => Object.keys(server.addresses));
    expect(addresses).toEqual([['auto_allocated_network'], ['auto_allocated_network']]);
    expect([...world.network.known.values()].map((network) => network.name)).toEqual([
      'auto_allocated_network',
    ]);
    world.network.known.clear();
    world.network.put(own);
  });

  test('hosts and zones are chosen by those who may', async () => {
    const admin = { as: 'admin' };
    world.network.put({ id: 'admins', projectId: 'admin-project' });
    const forced = await post({ availability_zone: 'nova:h2', networks: 'none' }, admin);
    await world.sagas.idle();
    expect(await world.show(forced.body.server.id)).toMatchObject({ 'OS-EXT-SRV-ATTR:host': 'h2' });
    expect((await post({ availability_zone: 'nova:h2' })).status).toBe(403);
    expect((await post({ host: 'h1' })).status).toBe(403);
    const asked = await post({ host: 'h1', networks: 'none' }, admin);
    await world.sagas.idle();
    expect(await world.show(asked.body.server.id)).toMatchObject({ 'OS-EXT-SRV-ATTR:host': 'h1' });
    expect(await refusal({ host: 'h9', networks: 'none' }, admin)).toEqual([
      400,
      'Compute host h9 could not be found.',
    ]);
    expect((await refusal({ host: 'h1', availability_zone: 'a:h2', networks: 'none' }, admin))[1]).toMatch(
      /mutually exclusive/,
    );
    expect((await refusal({ availability_zone: 'a:b:c:d' }, admin))[1]).toBe(
      'Invalid input received: Unable to parse availability_zone',
    );
    const nowhere = await post({ availability_zone: 'nova:h9', networks: 'none' }, admin);
    await world.sagas.idle();
    expect(await world.show(nowhere.body.server.id)).toMatchObject({
      status: 'ERROR',
      fault: { code: 500, message: 'No valid host was found. There are not enough hosts available.' },
    });
  });

  test('disks: blank ones as the flavor allows, no volumes', async () => {
    await world.compute.flavors.insert({
      flavorId: 'disks',
      name: 'disks',
      description: null,
      memoryMb: 64,
      vcpus: 1,
      rootGb: 1,
      ephemeralGb: 3,
      swapMb: 512,
      rxtxFactor: 1,
      isPublic: true,
      createdAt: 0,
    });
    const guestOf = async (changes: object) => {
      const id = await world.makeServer({ flavorRef: 'disks', ...changes });
      return world.hypervisors.map((h) => h.guests.get(id)).find((g) => g)!.spec;
    };
    expect(await guestOf({})).toMatchObject({ ephemeralGb: [3], swapMb: 512 });
    const image = { source_type: 'image', destination_type: 'local', boot_index: 0, uuid: world.imageId };
    const blank = (more: object) => ({
      source_type: 'blank',
      destination_type: 'local',
      boot_index: -1,
      ...more,
    });
    expect(await guestOf({ block_device_mapping_v2: [image, blank({ volume_size: 1 })] })).toMatchObject({
      ephemeralGb: [1],
      swapMb: 512,
    });
    const disks = async (...block_device_mapping_v2: object[]) =>
      (await refusal({ flavorRef: 'disks', block_device_mapping_v2 }))[1];
    expect(await disks(image, blank({ volume_size: 4 }))).toMatch(/^Ephemeral disks requested are larger/);
    expect(await disks(image, blank({ guest_format: 'swap', volume_size: 513 }))).toMatch(
      /^Swap drive requested/,
    );
    expect(
      await disks({ source_type: 'volume', uuid: world.imageId, destination_type: 'volume', boot_index: 0 }),
    ).toBe('Block Device Mapping is Invalid: volumes cannot be used: there is no block storage service.');
    expect(await disks({ ...image, boot_index: 1 })).toBe(
      'Block Device Mapping is Invalid: Mapping image to local is not supported.',
    );
    expect(await disks(image, blank({ boot_index: 2 }))).toMatch(/Boot sequence for the instance/);
    expect(await disks(image, blank({ volume_size: 1 }), blank({ volume_size: 2 }))).toMatch(
      /more local devices/,
    );
  });

  test('a build that fails on one host goes on on another', async () => {
    const failing = new Set(['h1']);
    const [h1] = world.hypervisors;
    (h1!.options as { before?: unknown }).before = (operation: string) => {
      if (operation === 'create' && failing.has('h1')) throw new Error('no room for cats');
    };
    const id = await world.makeServer();
    expect((await world.show(id))['OS-EXT-SRV-ATTR:host']).toBe('h2');
    const ports = await world.network.portsOf([id]);
    expect(ports.map((port) => [port.host, port.deviceOwner])).toEqual([['h2', 'compute:nova']]);
    const [, h2] = world.hypervisors;
    (h2!.options as { before?: unknown }).before = h1!.options.before;
    const lost = await world.requestServer();
    await world.sagas.idle();
    expect(await world.show(lost)).toMatchObject({
      status: 'ERROR',
      addresses: {},
      'OS-EXT-SRV-ATTR:host': null,
      fault: {
        message: `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${lost}.`,
        details: expect.stringContaining('no room for cats'),
      },
    });
    failing.clear();
    expect(await world.compute.parts.placement.allocations(lost)).toEqual({});
    expect(await world.network.portsOf([lost])).toEqual([]);
  });

  test('a server is deleted while it is built, and nothing is left', async () => {
    let arrived!: () => void;
    let release!: () => void;
    const building = new Promise<void>((resolve) => (arrived = resolve));
    const go = new Promise<void>((resolve) => (release = resolve));
    for (const host of world.hypervisors)
      (host.options as { before?: unknown }).before = async (operation: string) => {
        if (operation !== 'create') return;
        arrived();
        await go;
      };
    const id = await world.requestServer();
    await building;
    expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204);
    expect(await world.show(id)).toMatchObject({ 'OS-EXT-STS:task_state': 'deleting' });
    expect((await world.send('DELETE', `/servers/${id}`)).status).toBe(204);
    release();
    await world.sagas.idle();
    for (const host of world.hypervisors) (host.options as { before?: unknown }).before = undefined;
    expect((await world.send('GET', `/servers/${id}`)).body.itemNotFound.message).toBe(
      `Instance ${id} could not be found.`,
    );
    expect(await world.network.portsOf([id])).toEqual([]);
    expect(world.hypervisors.some((host) => host.guests.has(id))).toBe(false);
    expect(await world.compute.parts.placement.allocations(id)).toEqual({});
    const deleted = await world.send('GET', '/servers?deleted=true&all_tenants=1', undefined, {
      as: 'admin',
    });
    expect(deleted.body.servers.map((s: { id: string }) => s.id)).toContain(id);
  });
});

describe('quotas', () => {
  const databases = sqliteDatabases();
  let world: ComputeWorld;
  beforeAll(async () => {
    world = await ComputeWorld.open(await databases.open(), {
      options: { quota_instances: 3, quota_cores: 2, quota_ram: 10_000, quota_injected_files: 1 },
    });
  });
  afterAll(() => world.close());

  test('as many servers as fit between the counts, and no more', async () => {
    const server = { name: 'vm', imageRef: world.imageId, flavorRef: '1', networks: 'none' };
    const some = await world.send('POST', '/servers', { server: { ...server, min_count: 1, max_count: 5 } });
    expect(some.status).toBe(202);
    expect((await world.send('GET', '/servers')).body.servers).toHaveLength(2);
    const none = await world.send('POST', '/servers', { server });
    expect([none.status, none.body]).toEqual([
      403,
      {
        forbidden: {
          code: 403,
          message: 'Quota exceeded for cores: Requested 1, but already used 2 of 2 cores',
        },
      },
    ]);
    const many = await world.send('POST', '/servers', { server: { ...server, min_count: 2, max_count: 3 } });
    expect(many.body.forbidden.message).toBe(
      'Quota exceeded for cores, instances: Requested 3, 2-3, but already used 2, 2 of 2, 3 cores, instances',
    );
    const files = [1, 2].map((n) => ({ path: `/f${n}`, contents: 'eA==' }));
    const personality = await world.send(
      'POST',
      '/servers',
      { server: { ...server, networks: undefined, personality: files } },
      {
        version: '2.1',
      },
    );
    expect(personality.body.forbidden.message).toBe('Personality file limit exceeded');
    await world.sagas.idle();
  });

  test('a server is not resized beyond the quota', async () => {
    const [{ id }] = (await world.send('GET', '/servers')).body.servers;
    const answer = await world.act(id, 'resize', { flavorRef: '2' });
    expect([answer.status, answer.body.forbidden.message]).toEqual([
      403,
      'Quota exceeded for cores: Requested 1, but already used 2 of 2 cores',
    ]);
    expect((await world.show(id)).status).toBe('ACTIVE');
  });
});
