import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';
import type { Persona } from '#test/support/personas.ts';

describeEachEngine('subnet pools', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1 });
  });
  afterAll(() => network.close());

  const pool = (fields: object = {}, as: Persona = 'member'): Promise<Made> =>
    network.make('subnetpools', { name: 'pool', prefixes: ['10.10.0.0/16'], ...fields }, { as });
  const refusedPool = async (fields: object, as: Persona = 'member') => {
    const body = { subnetpool: { name: 'pool', prefixes: ['10.10.0.0/16'], ...fields } };
    const { status, body: answer } = await network.client.post('/subnetpools', body, { as });
    return [status, answer.NeutronError?.type];
  };
  /** A subnet in a network of its own. */
  const subnetFrom = async (poolId: string, fields: object = {}, as: Persona = 'member') => {
    const { id } = await network.make('networks', {}, { as });
    const subnet = { network_id: id, ip_version: 4, subnetpool_id: poolId, ...fields };
    return network.client.post('/subnets', { subnet }, { as });
  };
  const cidrOf = async (...given: Parameters<typeof subnetFrom>) => {
    const { status, body } = await subnetFrom(...given);
    return status === 201 ? body.subnet.cidr : body.NeutronError.type;
  };

  test('a pool is shown with everything its owner may see', async () => {
    const made = await pool({ name: 'mine', prefixes: ['10.10.128.0/17', '10.10.0.0/17', '10.20.0.0/24'] });
    expect(made).toEqual({
      id: expect.any(String),
      name: 'mine',
      description: '',
      project_id: projectA,
      tenant_id: projectA,
      prefixes: ['10.10.0.0/16', '10.20.0.0/24'],
      ip_version: 4,
      min_prefixlen: '8',
      max_prefixlen: '32',
      default_prefixlen: '8',
      default_quota: null,
      is_default: false,
      shared: false,
      address_scope_id: null,
      tags: [],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 0,
    });
    const { body } = await network.client.get(`/subnetpools/${made.id}`, { as: 'reader' });
    expect(body.subnetpool).toEqual(made);
    expect((await network.client.get(`/subnetpools/${made.id}`, { as: 'stranger' })).status).toBe(404);
  });

  test('subnets are taken from the pool, none overlapping', async () => {
    const { id } = await pool({ default_prefixlen: 24 });
    expect(await cidrOf(id)).toBe('10.10.0.0/24');
    expect(await cidrOf(id)).toBe('10.10.1.0/24');
    expect(await cidrOf(id, { prefixlen: 26 })).toBe('10.10.2.0/26');
    expect(await cidrOf(id, { prefixlen: 25 })).toBe('10.10.2.128/25');
    expect(await cidrOf(id, { cidr: '10.10.77.0/24' })).toBe('10.10.77.0/24');
    expect(await cidrOf(id, { cidr: '10.10.77.0/25' })).toBe('SubnetAllocationError');
    expect(await cidrOf(id, { cidr: '192.168.0.0/24' })).toBe('SubnetAllocationError');
    const { body } = await subnetFrom(id);
    expect(body.subnet).toMatchObject({ subnetpool_id: id, cidr: '10.10.3.0/24', gateway_ip: '10.10.3.1' });
  });

  test('what a removed subnet had can be taken again', async () => {
    const { id } = await pool({ prefixes: ['10.30.0.0/24'], default_prefixlen: 25 });
    const first = (await subnetFrom(id)).body.subnet;
    expect(await cidrOf(id)).toBe('10.30.0.128/25');
    expect(await cidrOf(id)).toBe('SubnetAllocationError');
    await network.client.delete(`/subnets/${first.id}`);
    expect(await cidrOf(id)).toBe('10.30.0.0/25');
  });

  test('subnets taken at once get different addresses', async () => {
    const { id } = await pool({ prefixes: ['10.31.0.0/20'], default_prefixlen: 24 });
    const cidrs = await Promise.all(Array.from({ length: 16 }, () => cidrOf(id)));
    expect(new Set(cidrs).size).toBe(16);
    expect(cidrs.every((cidr) => cidr.startsWith('10.31.'))).toBe(true);
  });

  test('lengths have bounds', async () => {
    const { id } = await pool({ min_prefixlen: 20, max_prefixlen: 28, default_prefixlen: 26 });
    expect(await cidrOf(id)).toBe('10.10.0.0/26');
    expect(await cidrOf(id, { prefixlen: 19 })).toBe('MinPrefixSubnetAllocationError');
    expect(await cidrOf(id, { prefixlen: 29 })).toBe('MaxPrefixSubnetAllocationError');
    expect(await refusedPool({ min_prefixlen: 28, max_prefixlen: 24 })).toEqual([
      400,
      'IllegalSubnetPoolPrefixBounds',
    ]);
    expect(await refusedPool({ default_prefixlen: 7 })).toEqual([400, 'IllegalSubnetPoolPrefixBounds']);
    expect(await refusedPool({ max_prefixlen: 33 })).toEqual([400, 'IllegalSubnetPoolPrefixBounds']);
  });

  test('prefixes are of one version, and at least one', async () => {
    expect(await refusedPool({ prefixes: [] })).toEqual([400, 'EmptySubnetPoolPrefixList']);
    expect(await refusedPool({ prefixes: ['10.0.0.0/8', '2001:db8::/32'] })).toEqual([
      400,
      'PrefixVersionMismatch',
    ]);
    expect(await refusedPool({ prefixes: ['nonsense'] })).toEqual([400, 'InvalidInput']);
    const six = await pool({ prefixes: ['2001:db8:5::/48'] });
    expect(six).toMatchObject({ ip_version: 6, default_prefixlen: '64', max_prefixlen: '128' });
    expect(await cidrOf(six.id, { ip_version: 6 })).toBe('2001:db8:5::/64');
    expect(await cidrOf(six.id, { ip_version: 6 })).toBe('2001:db8:5:1::/64');
  });

  test('a pool has a share of its own for each project', async () => {
    const { id } = await pool({ default_quota: 256, default_prefixlen: 25, shared: true }, 'admin');
    expect(await cidrOf(id)).toBe('10.10.0.0/25');
    expect(await cidrOf(id)).toBe('10.10.0.128/25');
    expect((await subnetFrom(id)).status).toBe(409);
    expect(await cidrOf(id)).toBe('SubnetPoolQuotaExceeded');
    expect(await cidrOf(id, {}, 'stranger')).toBe('10.10.1.0/25');
  });

  test('pools grow and shrink', async () => {
    const { id } = await pool({ prefixes: ['10.40.0.0/24'], default_prefixlen: 26 });
    await cidrOf(id);
    const put = (fields: object) =>
      network.client.put(`/subnetpools/${id}`, { subnetpool: fields }, { as: 'member' });
    expect((await put({ prefixes: ['10.40.0.0/24', '10.40.1.0/24'] })).body.subnetpool).toMatchObject({
      prefixes: ['10.40.0.0/23'],
    });
    expect((await put({ prefixes: ['10.40.1.0/24'] })).body.NeutronError.type).toBe(
      'IllegalSubnetPoolPrefixUpdate',
    );
    const act = async (action: string, prefixes: unknown) => {
      const answer = await network.client.put(`/subnetpools/${id}/${action}`, { prefixes }, { as: 'member' });
      return answer.body.prefixes ?? answer.body.NeutronError.type;
    };
    expect(await act('add_prefixes', ['10.50.0.0/24'])).toEqual(['10.40.0.0/23', '10.50.0.0/24']);
    expect(await act('remove_prefixes', ['10.40.1.0/24'])).toEqual(['10.40.0.0/24', '10.50.0.0/24']);
    expect(await act('remove_prefixes', ['10.40.0.0/24'])).toBe('IllegalSubnetPoolPrefixUpdate');
    expect(await act('add_prefixes', ['2001:db8::/64'])).toBe('PrefixVersionMismatch');
    expect(await act('add_prefixes', undefined)).toBe('InvalidInput');
  });

  test('a pool may run empty and be filled again', async () => {
    const scope = await network.make('address-scopes', { name: 'of empty pools', ip_version: 4 });
    const { id } = await pool({ prefixes: ['10.41.0.0/24'], address_scope_id: scope.id });
    const act = async (action: string, prefixes: unknown) => {
      const answer = await network.client.put(`/subnetpools/${id}/${action}`, { prefixes }, { as: 'member' });
      return answer.body.prefixes ?? answer.body.NeutronError.type;
    };
    expect(await act('remove_prefixes', ['2001:db8::/32'])).toEqual(['10.41.0.0/24']);
    expect(await act('remove_prefixes', ['::a29:0/120'])).toEqual(['10.41.0.0/24']);
    expect(await act('remove_prefixes', ['10.0.0.0/8'])).toEqual([]);
    expect(await act('remove_prefixes', ['10.0.0.0/8'])).toEqual([]);
    const put = (fields: object) =>
      network.client.put(`/subnetpools/${id}`, { subnetpool: fields }, { as: 'member' });
    expect((await put({ name: 'x' })).body.NeutronError.type).toBe('EmptySubnetPoolPrefixList');
    const { id: networkId } = await network.make('networks', {});
    const fields = { network_id: networkId, ip_version: 4, subnetpool_id: id };
    const refused = await network.client.post('/subnets', { subnet: fields }, { as: 'member' });
    expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'SubnetAllocationError']);
    await pool({ prefixes: ['10.42.0.0/24'], address_scope_id: scope.id });
    expect(await act('add_prefixes', ['2001:db8::/64'])).toBe('IllegalSubnetPoolPrefixUpdate');
    expect(await act('add_prefixes', ['10.43.0.0/24'])).toEqual(['10.43.0.0/24']);
  });

  test('a pool with subnets stays', async () => {
    const { id } = await pool({ default_prefixlen: 24 });
    const { subnet } = (await subnetFrom(id)).body;
    const refused = await network.client.delete(`/subnetpools/${id}`);
    expect([refused.status, refused.body.NeutronError.type]).toEqual([400, 'SubnetPoolDeleteError']);
    await network.client.delete(`/subnets/${subnet.id}`);
    expect((await network.client.delete(`/subnetpools/${id}`)).status).toBe(204);
    expect((await network.client.get(`/subnetpools/${id}`)).status).toBe(404);
  });

  test('a default pool is for administrators to set, one for each version, and serves whoever asks', async () => {
    expect(await refusedPool({ is_default: true })).toEqual([403, 'PolicyNotAuthorized']);
    const { id } = await pool(
      { is_default: true, shared: true, prefixes: ['10.60.0.0/16'], default_prefixlen: 24 },
      'admin',
    );
    expect(await refusedPool({ is_default: true }, 'admin')).toEqual([400, 'InvalidInput']);
    const made = await network.make('networks', {});
    const { subnet } = (
      await network.client.post(
        '/subnets',
        { subnet: { network_id: made.id, ip_version: 4, use_default_subnetpool: true } },
        { as: 'member' },
      )
    ).body;
    expect(subnet).toMatchObject({ subnetpool_id: id, cidr: '10.60.0.0/24' });
  });

  test('subnets of a network come from one pool', async () => {
    const one = await pool({ default_prefixlen: 24 });
    const other = await pool({ prefixes: ['10.70.0.0/16'], default_prefixlen: 24 });
    const made = await network.make('networks', {});
    const from = async (poolId: string) => {
      const subnet = { network_id: made.id, ip_version: 4, subnetpool_id: poolId };
      const { status, body } = await network.client.post('/subnets', { subnet }, { as: 'member' });
      return status === 201 ? 'made' : body.NeutronError.type;
    };
    expect(await from(one.id)).toBe('made');
    expect(await from(one.id)).toBe('made');
    expect(await from(other.id)).toBe('NetworkSubnetPoolAffinityError');
  });

  test('existing subnets are taken into a pool', async () => {
    const made = await network.make('networks', {});
    const subnet = await network.make('subnets', {
      network_id: made.id,
      ip_version: 4,
      cidr: '10.80.5.0/24',
    });
    const { id } = await pool({ prefixes: ['10.90.0.0/16'] });
    const onboard = () =>
      network.client.put(
        `/subnetpools/${id}/onboard_network_subnets`,
        { network_id: made.id },
        { as: 'member' },
      );
    const answer = await onboard();
    expect([answer.status, answer.body]).toEqual([200, [{ id: subnet.id, cidr: '10.80.5.0/24' }]]);
    expect((await network.client.get(`/subnets/${subnet.id}`)).body.subnet.subnetpool_id).toBe(id);
    expect((await network.client.get(`/subnetpools/${id}`)).body.subnetpool.prefixes).toEqual([
      '10.80.5.0/24',
      '10.90.0.0/16',
    ]);
    expect((await onboard()).body.NeutronError.type).toBe('IllegalSubnetPoolUpdate');
  });

  test('routers of subnets taken into a pool know their address scope at once', async () => {
    const scope = await network.make(
      'address-scopes',
      { name: 'both sides', ip_version: 4 },
      { as: 'admin' },
    );
    const scoped = (prefix: string) =>
      network.make(
        'subnetpools',
        { name: 'p', prefixes: [prefix], address_scope_id: scope.id },
        { as: 'admin' },
      );
    const outside = await network.make('networks', { 'router:external': true }, { as: 'admin' });
    const from = { ip_version: 4, subnetpool_id: (await scoped('10.95.0.0/16')).id, prefixlen: 24 };
    await network.make('subnets', { network_id: outside.id, ...from }, { as: 'admin' });
    const inside = await network.make('networks', {}, { as: 'admin' });
    const given = { network_id: inside.id, ip_version: 4, cidr: '10.97.0.0/24' };
    const subnet = await network.make('subnets', given, { as: 'admin' });
    const gateway = { external_gateway_info: { network_id: outside.id } };
    const router = await network.make('routers', gateway, { as: 'admin' });
    await network.client.put(`/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
    const translated = () => network.fabric.row('router', router.id)?.gateway?.snatCidrs;
    expect(translated()).toEqual(['10.97.0.0/24']);
    const { id } = await scoped('10.96.0.0/16');
    await network.client.put(`/subnetpools/${id}/onboard_network_subnets`, { network_id: inside.id });
    expect(translated()).toEqual([]);
  });

  test('pools are listed, filtered and sorted', async () => {
    const name = randomUUID();
    const a = await pool({ name, prefixes: ['10.1.0.0/16'] });
    const b = await pool({ name, prefixes: ['2001:db8::/48'] });
    const list = async (query: string) =>
      (await network.client.get(`/subnetpools?name=${name}&${query}`)).body.subnetpools.map(
        (p: Made) => p.id,
      );
    expect(await list('ip_version=6')).toEqual([b.id]);
    expect(await list('sort_key=ip_version&sort_dir=desc')).toEqual([b.id, a.id]);
    expect(await list('sort_key=ip_version&sort_dir=asc&limit=1')).toEqual([a.id]);
    expect(await list('is_default=true')).toEqual([]);
  });
});
