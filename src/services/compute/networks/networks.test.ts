import { afterAll, beforeAll, expect, test } from 'vitest';

import { asVersion, type ComputeForTest, peerAt, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('the proxy of networks', (databases) => {
  let network: TestNetwork;
  let cloud: ComputeForTest;
  let own: Made;
  let shared: Made;
  beforeAll(async () => {
    network = await serveNetwork(databases);
    own = await network.make('networks', { name: 'own' });
    shared = await network.make('networks', { name: 'shared', shared: true }, { as: 'admin' });
    const api = peerAt(network.client);
    cloud = await startCompute(await databases.open(), { parts: { peers: { network: api, image: api } } });
  });
  afterAll(async () => {
    await cloud.close();
    await network.close();
  });

  const labels = async (path: string, as: string) =>
    (await cloud.client.get(path, { as })).body.networks.map((n: { label: string }) => n.label).toSorted();

  test.each(['/os-networks', '/os-tenant-networks'])('%s lists what the caller sees', async (path) => {
    expect(await labels(path, 'reader')).toEqual(['own', 'shared']);
    expect(await labels(path, 'stranger')).toEqual(['shared']);
    expect(await labels(path, 'admin')).toEqual(['own', 'shared']);
  });

  test('a network has fields for all that once was, and administrators see more of them', async () => {
    const get = async (as: string) => (await cloud.client.get(`/os-networks/${own.id}`, { as })).body.network;
    const seen = await get('reader');
    expect(seen).toEqual({
      id: own.id,
      label: 'own',
      cidr: null,
      netmask: null,
      gateway: null,
      broadcast: null,
      dns1: null,
      dns2: null,
      cidr_v6: null,
      gateway_v6: null,
      netmask_v6: null,
    });
    expect(await get('admin')).toMatchObject({ ...seen, vlan: null, project_id: null, mtu: null });
  });

  test('a tenant network has no range', async () => {
    const { body } = await cloud.client.get(`/os-tenant-networks/${shared.id}`, { as: 'reader' });
    expect(body).toEqual({ network: { id: shared.id, label: 'shared', cidr: 'None' } });
  });

  test('networks of others are not there', async () => {
    for (const path of ['/os-networks', '/os-tenant-networks']) {
      expect(await cloud.client.get(`${path}/${own.id}`, { as: 'stranger' })).toMatchObject({
        status: 404,
        body: { itemNotFound: { message: 'Network not found' } },
      });
    }
  });

  test('the proxy ends with 2.35, and needs a role', async () => {
    for (const path of ['/os-networks', '/os-tenant-networks', `/os-networks/${own.id}`]) {
      expect((await cloud.client.get(path, asVersion('2.35'))).status).toBe(200);
      expect((await cloud.client.get(path, asVersion('2.36'))).status).toBe(404);
      expect((await cloud.client.get(path, { as: 'nobody' })).status).toBe(403);
    }
  });
});
