import { afterAll, beforeAll, expect, test } from 'vitest';

import { asVersion, type ComputeForTest, peerAt, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

const member = { as: 'member' };

describeEachEngine('the proxy of floating addresses', (databases) => {
  let network: TestNetwork;
  let cloud: ComputeForTest;
  let pool: Made;
  let port: Made;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_floatingip: 3 });
    const admin = { as: 'admin' };
    pool = await network.make('networks', { name: 'outside', 'router:external': true }, admin);
    await network.make(
      'subnets',
      { network_id: pool.id, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false },
      admin,
    );
    const inside = await network.make('networks', { name: 'inside' });
    const subnet = await network.make('subnets', {
      network_id: inside.id,
      ip_version: 4,
      cidr: '10.0.0.0/24',
    });
    const router = await network.make('routers', {
      name: 'r',
      external_gateway_info: { network_id: pool.id },
    });
    await network.client.put(`/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id }, member);
    port = await network.make('ports', { network_id: inside.id, device_id: 'some-server' });
    const api = peerAt(network.client);
    cloud = await startCompute(await databases.open(), { parts: { peers: { network: api, image: api } } });
  });
  afterAll(async () => {
    await cloud.close();
    await network.close();
  });

  const allocate = (body: object | null, as = 'member') =>
    cloud.client.post('/os-floating-ips', body, { as });

  test('external networks are the pools', async () => {
    await network.make('networks', { name: '', 'router:external': true }, { as: 'admin' });
    const { body } = await cloud.client.get('/os-floating-ip-pools', { as: 'reader' });
    const names = body.floating_ip_pools.map((p: { name: string }) => p.name);
    expect(names).toHaveLength(2);
    expect(names).toContain('outside');
    expect(names).not.toContain('');
  });

  test('an address is taken from a pool, shown, listed and given back', async () => {
    const { status, body } = await allocate({ pool: 'outside' });
    expect(status).toBe(200);
    const address = body.floating_ip;
    expect(address).toEqual({
      id: expect.any(String),
      ip: expect.stringMatching(/^203\.0\.113\./),
      fixed_ip: null,
      instance_id: null,
      pool: 'outside',
    });
    const path = `/os-floating-ips/${address.id}`;
    expect((await cloud.client.get(path, { as: 'reader' })).body).toEqual({ floating_ip: address });
    expect((await cloud.client.get('/os-floating-ips', member)).body).toEqual({ floating_ips: [address] });
    expect((await cloud.client.get('/os-floating-ips', { as: 'stranger' })).body).toEqual({
      floating_ips: [],
    });
    expect((await cloud.client.delete(path, { as: 'stranger' })).status).toBe(404);
    expect((await cloud.client.delete(path, { as: 'reader' })).status).toBe(403);
    expect((await cloud.client.delete(path, member)).status).toBe(202);
    expect(await cloud.client.get(path, member)).toMatchObject({
      status: 404,
      body: { itemNotFound: { message: `Floating IP not found for ID ${address.id}` } },
    });
  });

  test('an address in use names the server', async () => {
    const { floating_ip: address } = (await allocate({ pool: pool.id })).body;
    await network.client.put(`/floatingips/${address.id}`, { floatingip: { port_id: port.id } }, member);
    const shown = (await cloud.client.get(`/os-floating-ips/${address.id}`, member)).body.floating_ip;
    expect(shown).toMatchObject({
      fixed_ip: port.fixed_ips[0].ip_address,
      instance_id: 'some-server',
    });
    expect((await cloud.client.delete(`/os-floating-ips/${address.id}`, member)).status).toBe(202);
  });

  test('without a pool, the configured one is asked', async () => {
    for (const body of [null, {}, { pool: null }]) {
      expect(await allocate(body)).toMatchObject({
        status: 404,
        body: { itemNotFound: { message: 'Floating IP pool not found.' } },
      });
    }
    const nova = await network.make('networks', { name: 'nova', 'router:external': true }, { as: 'admin' });
    // it has no addresses
    expect(await allocate(null)).toMatchObject({ status: 400 });
    await network.make(
      'subnets',
      { network_id: nova.id, ip_version: 4, cidr: '198.51.100.0/30', enable_dhcp: false },
      { as: 'admin' },
    );
    const { body } = await allocate(null, 'stranger');
    expect(body.floating_ip.pool).toBe('nova');
    expect(await allocate({ pool: 'nova' })).toMatchObject({
      status: 404,
      body: { itemNotFound: { message: 'No more floating IPs in pool nova.' } },
    });
  });

  test('a quota is said in Nova’s words', async () => {
    const taken = [];
    for (let i = 0; i < 3; i++) taken.push((await allocate({ pool: 'outside' })).body.floating_ip.id);
    expect(await allocate({ pool: 'outside' })).toMatchObject({
      status: 403,
      body: { forbidden: { message: 'IP allocation over quota in pool outside.' } },
    });
    for (const id of taken) await cloud.client.delete(`/os-floating-ips/${id}`, member);
  });

  test('two pools of a name are a conflict', async () => {
    for (let i = 0; i < 2; i++)
      await network.make('networks', { name: 'twice', 'router:external': true }, { as: 'admin' });
    expect((await allocate({ pool: 'twice' })).status).toBe(409);
  });

  test('the proxy ends with 2.35', async () => {
    for (const path of ['/os-floating-ips', '/os-floating-ip-pools']) {
      expect((await cloud.client.get(path, { as: 'reader', ...asVersion('2.35') })).status).toBe(200);
      expect((await cloud.client.get(path, { as: 'reader', ...asVersion('2.36') })).status).toBe(404);
    }
  });
});
