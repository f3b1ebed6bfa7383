import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('address scopes', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1 });
  });
  afterAll(() => network.close());

  const scope = (fields: object = {}): Promise<Made> =>
    network.make('address-scopes', { name: 'scope', ip_version: 4, ...fields });
  const poolIn = async (id: string, ...prefixes: string[]) => {
    const subnetpool = { name: 'pool', prefixes, address_scope_id: id };
    const { body } = await network.client.post('/subnetpools', { subnetpool }, { as: 'member' });
    return body.subnetpool ?? body.NeutronError.type;
  };

  test('a scope is made, renamed, listed and removed', async () => {
    const made = await scope({ name: 'mine' });
    expect(made).toEqual({
      id: expect.any(String),
      name: 'mine',
      ip_version: 4,
      shared: false,
      project_id: projectA,
      tenant_id: projectA,
    });
    const path = `/address-scopes/${made.id}`;
    expect((await network.client.get(path, { as: 'stranger' })).status).toBe(404);
    const changed = await network.client.put(path, { address_scope: { name: 'yours' } }, { as: 'member' });
    expect(changed.body.address_scope).toMatchObject({ name: 'yours' });
    const listed = await network.client.get('/address-scopes?name=yours', { as: 'member' });
    expect(listed.body.address_scopes).toEqual([changed.body.address_scope]);
    expect((await network.client.delete(path, { as: 'member' })).status).toBe(204);
    expect((await network.client.get(path, { as: 'member' })).body.NeutronError.type).toBe(
      'AddressScopeNotFound',
    );
  });

  test('a scope has an IP version, which stays', async () => {
    const post = (fields: object) => network.client.post('/address-scopes', { address_scope: fields });
    expect((await post({ name: 'x', ip_version: 5 })).status).toBe(400);
    expect((await post({ name: 'x' })).status).toBe(400);
    const { id } = await scope();
    const put = await network.client.put(`/address-scopes/${id}`, { address_scope: { ip_version: 6 } });
    expect(put.status).toBe(400);
  });

  test('pools of a scope have its version and do not overlap', async () => {
    const { id } = await scope();
    expect(await poolIn(id, '10.0.0.0/16')).toMatchObject({ address_scope_id: id });
    expect(await poolIn(id, '10.0.128.0/17')).toBe('AddressScopePrefixConflict');
    expect(await poolIn(id, '2001:db8::/48')).toBe('IllegalSubnetPoolIpVersionAssociationToAddressScope');
    expect(await poolIn(id, '10.1.0.0/16')).toMatchObject({ address_scope_id: id });
    const refused = await network.client.delete(`/address-scopes/${id}`, { as: 'member' });
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'AddressScopeInUse']);
  });

  test('a network tells the scope of its subnets', async () => {
    const { id } = await scope();
    const pool = await poolIn(id, '10.2.0.0/16');
    const made = await network.make('networks', {});
    await network.make('subnets', {
      network_id: made.id,
      ip_version: 4,
      prefixlen: 24,
      subnetpool_id: pool.id,
    });
    const shown = await network.client.get(`/networks/${made.id}`, { as: 'member' });
    expect(shown.body.network).toMatchObject({ ipv4_address_scope: id, ipv6_address_scope: null });
  });

  test('sharing is for administrators and stays', async () => {
    const { id } = await scope();
    const put = (shared: boolean, as: 'admin' | 'member') =>
      network.client.put(`/address-scopes/${id}`, { address_scope: { shared } }, { as });
    expect((await put(true, 'member')).status).toBe(403);
    expect((await put(true, 'admin')).body.address_scope.shared).toBe(true);
    expect((await network.client.get(`/address-scopes/${id}`, { as: 'stranger' })).status).toBe(200);
    expect((await put(false, 'admin')).body.NeutronError.type).toBe('AddressScopeUpdateError');
  });

  test('a router does not translate between networks of one scope', async () => {
    const { id } = await scope();
    const pool = await poolIn(id, '10.3.0.0/16');
    const outside = await network.make(
      'networks',
      { 'router:external': true, shared: true },
      { as: 'admin' },
    );
    const inside = await network.make('networks', {});
    for (const [at, as] of [
      [outside, 'admin'],
      [inside, 'member'],
    ] as const)
      await network.make(
        'subnets',
        { network_id: at.id, ip_version: 4, prefixlen: 24, subnetpool_id: pool.id, project_id: projectA },
        { as },
      );
    const [subnet] = (await network.client.get(`/subnets?network_id=${inside.id}`)).body.subnets;
    const router = await network.make('routers', { external_gateway_info: { network_id: outside.id } });
    await network.client.put(
      `/routers/${router.id}/add_router_interface`,
      { subnet_id: subnet.id },
      { as: 'member' },
    );
    expect(network.fabric.row('router', router.id)?.gateway?.snatCidrs).toEqual([]);
  });
});
