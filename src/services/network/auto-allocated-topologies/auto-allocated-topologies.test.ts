import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('auto-allocated topologies', (databases) => {
  let network: TestNetwork;
  let externalId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases);
  });
  afterAll(() => network.close());

  const path = `/auto-allocated-topology/${projectA}`;
  const member = { as: 'member' } as const;

  test('without defaults there is none to have', async () => {
    const refused = await network.client.get(path, member);
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'AutoAllocationFailure']);
    expect((await network.client.get(`${path}?fields=dry-run`, member)).status).toBe(409);
    await expect(network.assembled.contract.canAutoAllocate()).rejects.toMatchObject({ kind: 'conflict' });
    ({ id: externalId } = await network.make(
      'networks',
      { 'router:external': true, is_default: true },
      { as: 'admin' },
    ));
    const subnet = { network_id: externalId, ip_version: 4, cidr: '172.24.4.0/24' };
    await network.make('subnets', subnet, { as: 'admin' });
    expect((await network.client.get(path, member)).status).toBe(409);
    const pool = { is_default: true, shared: true, default_prefixlen: 24 };
    for (const [name, prefixes] of [
      ['v4', ['10.4.0.0/16']],
      ['v6', ['2001:db8::/48']],
    ] as const) {
      const lengths = name === 'v6' ? { default_prefixlen: 64 } : {};
      await network.make('subnetpools', { ...pool, name, prefixes, ...lengths }, { as: 'admin' });
    }
    expect((await network.client.get(`${path}?fields=dry-run`, member)).body).toEqual({
      auto_allocated_topology: { id: 'dry-run=pass', project_id: projectA, tenant_id: projectA },
    });
    await network.assembled.contract.canAutoAllocate();
    const owned = await network.client.get(`/networks?project_id=${projectA}`, member);
    expect(owned.body.networks).toEqual([]);
  });

  test('asked for at once, a project gets one network behind one router', async () => {
    const { contract } = network.assembled;
    const ids = await Promise.all([
      ...Array.from({ length: 3 }, () => contract.autoAllocate(projectA)),
      network.client.get(path, member).then((answer) => answer.body.auto_allocated_topology.id),
    ]);
    expect(new Set(ids).size).toBe(1);
    const { body: nets } = await network.client.get(`/networks?project_id=${projectA}`, member);
    expect(nets.networks).toEqual([
      expect.objectContaining({ id: ids[0], name: 'auto_allocated_network', status: 'ACTIVE' }),
    ]);
    const { body: subnets } = await network.client.get(
      `/subnets?network_id=${ids[0]}&sort_key=ip_version&sort_dir=asc`,
    );
    expect(subnets.subnets).toMatchObject([
      { name: 'auto_allocated_subnet_v4', cidr: '10.4.0.0/24' },
      { name: 'auto_allocated_subnet_v6', cidr: '2001:db8::/64', ipv6_address_mode: 'slaac' },
    ]);
    const { body: routers } = await network.client.get(`/routers?project_id=${projectA}`);
    expect(routers.routers).toMatchObject([
      { name: 'auto_allocated_router', external_gateway_info: { network_id: externalId } },
    ]);
  });

  test('it is removed as a whole, unless something is plugged in', async () => {
    const { id } = (await network.client.get(path, member)).body.auto_allocated_topology;
    const port = await network.make('ports', { network_id: id });
    expect((await network.client.delete(path, member)).status).toBe(409);
    expect((await network.client.get(`/networks/${id}`, member)).status).toBe(200);
    await network.client.delete(`/ports/${port.id}`, member);
    expect((await network.client.delete(path, { as: 'stranger' })).status).toBe(403);
    expect((await network.client.delete(path, member)).status).toBe(204);
    expect((await network.client.get(`/networks/${id}`, member)).status).toBe(404);
    expect((await network.client.get(`/routers?project_id=${projectA}`)).body.routers).toEqual([]);
    expect((await network.client.delete(path, member)).status).toBe(204);
  });
});
