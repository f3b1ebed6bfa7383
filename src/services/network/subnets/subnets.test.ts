import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

import type { Pool } from './values.ts';

describeEachEngine('subnets', (databases) => {
  let network: TestNetwork;
  let networkId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1, quota_subnet: -1, quota_port: -1 });
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    ({ id: networkId } = await network.make('networks', {}));
  });

  const v4 = (fields: object = {}) => ({
    network_id: networkId,
    ip_version: 4,
    cidr: '10.1.0.0/24',
    ...fields,
  });
  const v6 = (fields: object = {}) => ({
    network_id: networkId,
    ip_version: 6,
    cidr: '2001:db8::/64',
    ...fields,
  });
  const refusal = async (fields: object, as = 'member') => {
    const { status, body } = await network.client.post('/subnets', { subnet: fields }, { as });
    return { status, ...body.NeutronError };
  };

  test('a subnet that names only its CIDR gets a gateway, pools and DHCP', async () => {
    const made = await network.make('subnets', v4({ name: 's' }));
    expect(made).toEqual({
      id: expect.any(String),
      name: 's',
      project_id: projectA,
      tenant_id: projectA,
      network_id: networkId,
      ip_version: 4,
      cidr: '10.1.0.0/24',
      gateway_ip: '10.1.0.1',
      allocation_pools: [{ start: '10.1.0.2', end: '10.1.0.254' }],
      enable_dhcp: true,
      dns_nameservers: [],
      host_routes: [],
      ipv6_ra_mode: null,
      ipv6_address_mode: null,
      subnetpool_id: null,
      service_types: [],
      'router:external': false,
      description: '',
      tags: [],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 0,
    });
    const { body } = await network.client.get(`/networks/${networkId}`, { as: 'member' });
    expect(body.network).toMatchObject({ subnets: [made.id], revision_number: 2 });
  });

  test('the engine learns of subnets by their network', async () => {
    const made = await network.make(
      'subnets',
      v4({
        dns_nameservers: ['9.9.9.9'],
        host_routes: [{ destination: '10.5.0.0/16', nexthop: '10.1.0.9' }],
      }),
    );
    const wanted = network.fabric.row('network', networkId)!;
    expect(wanted.subnets).toEqual([
      {
        id: made.id,
        version: 4,
        cidr: '10.1.0.0/24',
        gateway: '10.1.0.1',
        dhcp: true,
        dnsServers: ['9.9.9.9'],
        routes: [{ destination: '10.5.0.0/16', nexthop: '10.1.0.9' }],
        ipv6AddressMode: null,
        ipv6RaMode: null,
      },
    ]);
    // DHCP answers from the service port
    expect(wanted.servicePort!.addresses).toEqual([expect.stringMatching(/^10\.1\.0\.\d+$/)]);
    await network.client.put(`/subnets/${made.id}`, { subnet: { enable_dhcp: false } });
    expect(network.fabric.row('network', networkId)!.servicePort!.addresses).toEqual([]);
    await network.client.delete(`/subnets/${made.id}`, { as: 'member' });
    expect(network.fabric.row('network', networkId)!.subnets).toEqual([]);
  });

  test('gateways and pools can be chosen', async () => {
    const made = await network.make(
      'subnets',
      v4({ gateway_ip: '10.1.0.254', allocation_pools: [{ start: '10.1.0.10', end: '10.1.0.20' }] }),
    );
    expect(made).toMatchObject({
      gateway_ip: '10.1.0.254',
      allocation_pools: [{ start: '10.1.0.10', end: '10.1.0.20' }],
    });
    const without = await network.make('subnets', v4({ cidr: '10.2.0.0/30', gateway_ip: null }));
    expect(without).toMatchObject({
      gateway_ip: null,
      allocation_pools: [{ start: '10.2.0.1', end: '10.2.0.2' }],
    });
    const middle = await network.make('subnets', v4({ cidr: '10.3.0.0/24', gateway_ip: '10.3.0.100' }));
    expect(middle.allocation_pools).toEqual([
      { start: '10.3.0.1', end: '10.3.0.99' },
      { start: '10.3.0.101', end: '10.3.0.254' },
    ]);
  });

  test('the smallest subnets have addresses, too, and can be changed', async () => {
    const made = async (fields: object) => {
      const subnet = await network.make('subnets', { enable_dhcp: false, ...fields });
      const renamed = await network.client.put(`/subnets/${subnet.id}`, { subnet: { name: 'small' } });
      expect(renamed.status).toBe(200);
      const { gateway_ip: gateway, allocation_pools: pools } = renamed.body.subnet;
      return [gateway, ...pools.map((pool: Pool) => `${pool.start}-${pool.end}`)];
    };
    expect(await made(v4({ cidr: '10.1.0.0/31', enable_dhcp: false }))).toEqual([
      '10.1.0.1',
      '10.1.0.0-10.1.0.0',
    ]);
    expect(await made(v4({ cidr: '10.1.0.7/32', enable_dhcp: false }))).toEqual([
      '10.1.0.8',
      '10.1.0.7-10.1.0.7',
    ]);
    expect(await made(v6({ cidr: '2001:db8::7/128', enable_dhcp: false }))).toEqual([
      '2001:db8::7',
      '2001:db8::7-2001:db8::7',
    ]);
  });

  test('host bits of a CIDR are dropped, IPv6 is compressed', async () => {
    expect((await network.make('subnets', v4({ cidr: '10.1.0.77/24' }))).cidr).toBe('10.1.0.0/24');
    const six = await network.make('subnets', v6({ cidr: '2001:0DB8:0:0::/64' }));
    expect(six).toMatchObject({
      cidr: '2001:db8::/64',
      gateway_ip: '2001:db8::',
      allocation_pools: [{ start: '2001:db8::1', end: '2001:db8::ffff:ffff:ffff:ffff' }],
    });
  });

  test('subnets of a network do not overlap', async () => {
    await network.make('subnets', v4());
    expect(await refusal(v4({ cidr: '10.1.0.128/25' }))).toEqual({
      status: 400,
      type: 'InvalidInput',
      message: `Invalid input for operation: Requested subnet with cidr: 10.1.0.128/25 for network: ${networkId} overlaps with another subnet.`,
      detail: '',
    });
    const other = await network.make('networks', {});
    await network.make('subnets', v4({ network_id: other.id }));
  });

  test('of subnets that overlap and come at once one is made', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => network.client.post('/subnets', { subnet: v4() }, { as: 'member' })),
    );
    expect(answers.map((a) => a.status).toSorted()).toEqual([201, 400, 400, 400, 400]);
  });

  test.each([
    [{ cidr: '10.1.0.0/31' }, 'incompatible with DHCP'],
    [{ cidr: '224.0.0.0/24' }, 'Multicast IP subnet'],
    [{ cidr: '127.0.0.0/24' }, 'Loopback IP subnet'],
    [{ cidr: '0.0.0.0/24' }, "First IP '0.0.0.0'"],
    [{ cidr: '10.0.0.0/0', enable_dhcp: false }, '0 is not allowed as CIDR prefix length'],
    [{ gateway_ip: '10.1.0.255' }, 'Gateway is not valid on subnet'],
    [{ cidr: '10.1.0.0/31', enable_dhcp: false, gateway_ip: '10.1.0.1' }, 'Gateway is not valid on subnet'],
    [{ cidr: '10.1.0.7/32', enable_dhcp: false, gateway_ip: '10.1.0.7' }, 'Gateway is not valid on subnet'],
    [{ gateway_ip: '2001:db8::1' }, "gateway_ip '2001:db8::1' does not match the ip_version '4'"],
    [{ cidr: '2001:db8::/64' }, "cidr '2001:db8::/64' does not match the ip_version '4'"],
    [{ cidr: '10.1.0.0' }, '10.1.0.0 is not in a CIDR format'],
    [{ dns_nameservers: ['::1'] }, "dns_nameserver '::1' does not match"],
    [{ dns_nameservers: ['x'] }, "'x' is not a valid nameserver. 'x' is not a valid IP address"],
    [{ dns_nameservers: ['1.1.1.1', '1.1.1.1'] }, "Duplicate nameserver '1.1.1.1'"],
    [{ dns_nameservers: [1, 2, 3, 4, 5, 6].map((n) => `1.1.1.${n}`) }, 'exceeds the limit 5'],
    [{ host_routes: [{ destination: '10.0.0.1/8', nexthop: '10.1.0.9' }] }, 'is not a valid CIDR'],
    [{ host_routes: [{ destination: '10.0.0.0/8' }] }, "Validation of dictionary's keys failed"],
    [{ allocation_pools: [{ start: '10.1.0.9', end: '10.1.0.5' }] }, '10.1.0.9-10.1.0.5 is not valid'],
    [
      { allocation_pools: [{ start: '10.9.0.1', end: '10.9.0.5' }] },
      'spans beyond the subnet cidr 10.1.0.0/24',
    ],
    [{ ipv6_ra_mode: 'slaac' }, 'ipv6_ra_mode is not valid when ip_version is 4'],
    [{ ip_version: 5 }, '5 is not in [4, 6]'],
    [{ cidr: undefined }, 'a subnetpool must be specified in the absence of a cidr'],
    [{ prefixlen: 24 }, 'cidr and prefixlen must not be supplied together'],
  ])('%j is refused', async (fields, message) => {
    const { status, message: said } = await refusal(v4(fields));
    expect(status).toBe(400);
    expect(said).toContain(message);
  });

  test('pools must not overlap or hold the gateway', async () => {
    const overlapping = [
      { start: '10.1.0.10', end: '10.1.0.20' },
      { start: '10.1.0.20', end: '10.1.0.30' },
    ];
    expect(await refusal(v4({ allocation_pools: overlapping }))).toMatchObject({
      status: 409,
      type: 'OverlappingAllocationPools',
    });
    const around = [{ start: '10.1.0.1', end: '10.1.0.9' }];
    expect(await refusal(v4({ allocation_pools: around }))).toMatchObject({
      status: 409,
      type: 'GatewayConflictWithAllocationPools',
      message: 'Gateway ip 10.1.0.1 conflicts with allocation pool 10.1.0.1-10.1.0.9.',
    });
  });

  test.each([
    [{ ipv6_ra_mode: 'slaac', ipv6_address_mode: 'dhcpv6-stateful' }, 'must be the same value'],
    [{ ipv6_ra_mode: 'slaac', enable_dhcp: false }, 'cannot be set when enable_dhcp is set to False'],
    [{ ipv6_address_mode: 'slaac', cidr: '2001:db8::/65' }, 'requires the prefix to be /64'],
    [{ cidr: '::/64' }, "IPv6 subnet '::' is not supported"],
    [{ ipv6_address_mode: 'x' }, 'x is not in'],
  ])('IPv6 with %j is refused', async (fields, message) => {
    const { status, message: said } = await refusal(v6(fields));
    expect(status).toBe(400);
    expect(said).toContain(message);
  });

  test('ports that are there get addresses of a new subnet with automatic ones', async () => {
    const port = await network.make('ports', { network_id: networkId });
    const six = await network.make('subnets', v6({ ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }));
    const { body } = await network.client.get(`/ports/${port.id}`, { as: 'member' });
    expect(body.port.fixed_ips).toEqual([
      { subnet_id: six.id, ip_address: expect.stringMatching(/^2001:db8::f816:3eff:fe/) },
    ]);
    // they do not keep the subnet in place
    expect((await network.client.delete(`/subnets/${six.id}`, { as: 'member' })).status).toBe(204);
    const after = await network.client.get(`/ports/${port.id}`, { as: 'member' });
    expect(after.body.port.fixed_ips).toEqual([]);
  });

  test('an update changes what can be changed', async () => {
    const { id } = await network.make('subnets', v4());
    const put = (subnet: object) => network.client.put(`/subnets/${id}`, { subnet }, { as: 'member' });
    const changed = await put({
      name: 'new',
      gateway_ip: '10.1.0.254',
      allocation_pools: [{ start: '10.1.0.5', end: '10.1.0.9' }],
      dns_nameservers: ['8.8.8.8'],
    });
    expect(changed.body.subnet).toMatchObject({
      name: 'new',
      gateway_ip: '10.1.0.254',
      allocation_pools: [{ start: '10.1.0.5', end: '10.1.0.9' }],
      dns_nameservers: ['8.8.8.8'],
      revision_number: 1,
    });
    expect((await put({ cidr: '10.2.0.0/24' })).body.NeutronError.message).toBe(
      'Cannot update read-only attribute cidr',
    );
    expect((await put({ gateway_ip: '10.1.0.6' })).status).toBe(409);
    const limited = await put({ service_types: ['compute:nova'] });
    expect(limited.body.subnet.service_types).toEqual(['compute:nova']);
  });

  test('a subnet in use stays', async () => {
    const { id } = await network.make('subnets', v4());
    const port = await network.make('ports', { network_id: networkId });
    expect((await network.client.delete(`/subnets/${id}`, { as: 'member' })).body.NeutronError).toEqual({
      type: 'SubnetInUse',
      message: `Unable to complete operation on subnet ${id}: One or more ports have an IP allocation from this subnet.`,
      detail: '',
    });
    await network.client.delete(`/ports/${port.id}`, { as: 'member' });
    expect((await network.client.delete(`/subnets/${id}`, { as: 'member' })).status).toBe(204);
  });

  test('subnets are made by who owns the network', async () => {
    expect(await refusal(v4(), 'stranger')).toMatchObject({ status: 403, type: 'PolicyNotAuthorized' });
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(await refusal(v4({ network_id: missing }))).toMatchObject({
      status: 404,
      type: 'NetworkNotFound',
    });
    expect(await refusal(v4(), 'reader')).toMatchObject({ status: 403 });
    const { id } = await network.make('subnets', v4());
    expect((await network.client.get(`/subnets/${id}`, { as: 'stranger' })).status).toBe(404);
    expect((await network.client.get(`/subnets/${id}`, { as: 'reader' })).status).toBe(200);
  });

  test('subnets of shared networks are seen by all', async () => {
    const shared = await network.make('networks', { shared: true }, { as: 'admin' });
    const { id } = await network.make('subnets', v4({ network_id: shared.id }), { as: 'admin' });
    const listed = await network.client.get(`/subnets?shared=true&fields=id`, { as: 'stranger' });
    expect(listed.body.subnets).toEqual([{ id }]);
  });

  test('subnets are made in bulk, all or none', async () => {
    const bulk = await network.client.post(
      '/subnets',
      { subnets: [v4(), v4({ cidr: '10.2.0.0/24' })] },
      { as: 'member' },
    );
    expect(bulk.body.subnets.map((s: { cidr: string }) => s.cidr)).toEqual(['10.1.0.0/24', '10.2.0.0/24']);
    const bad = await network.client.post(
      '/subnets',
      { subnets: [v4({ cidr: '10.7.0.0/24' }), v4({ cidr: '10.2.0.0/25' })] },
      { as: 'member' },
    );
    expect(bad.status).toBe(400);
    const left = await network.client.get(`/subnets?network_id=${networkId}`, { as: 'member' });
    expect(left.body.subnets).toHaveLength(2);
  });
});
