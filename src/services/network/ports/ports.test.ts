import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('ports', (databases) => {
  let network: TestNetwork;
  let networkId: string;
  let subnetId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases, {
      quota_network: -1,
      quota_subnet: -1,
      quota_port: -1,
      quota_router: -1,
    });
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    ({ id: networkId } = await network.make('networks', {}));
    ({ id: subnetId } = await network.make('subnets', {
      network_id: networkId,
      ip_version: 4,
      cidr: '10.1.0.0/24',
      // the addresses below it are named by tests, so none of them may be handed out by chance
      allocation_pools: [{ start: '10.1.0.100', end: '10.1.0.254' }],
    }));
  });

  const make = (fields: object = {}, as = 'member') =>
    network.make('ports', { network_id: networkId, ...fields }, { as });
  const refusal = async (fields: object, as = 'member') => {
    const { status, body } = await network.client.post(
      '/ports',
      { port: { network_id: networkId, ...fields } },
      { as },
    );
    return { status, ...body.NeutronError };
  };
  const put = (id: string, port: object, as = 'member') =>
    network.client.put(`/ports/${id}`, { port }, { as });

  test('a port is shown with everything its owner may see', async () => {
    const made = await make({ name: 'p', tags: ['b', 'a'] });
    expect(made).toEqual({
      id: expect.any(String),
      name: 'p',
      network_id: networkId,
      project_id: projectA,
      tenant_id: projectA,
      mac_address: expect.stringMatching(/^fa:16:3e(:[0-9a-f]{2}){3}$/),
      admin_state_up: true,
      status: 'DOWN',
      device_id: '',
      device_owner: '',
      fixed_ips: [{ subnet_id: subnetId, ip_address: expect.stringMatching(/^10\.1\.0\.\d+$/) }],
      allowed_address_pairs: [],
      extra_dhcp_opts: [],
      security_groups: [expect.any(String)],
      port_security_enabled: true,
      'binding:vnic_type': 'normal',
      dns_name: '',
      dns_domain: '',
      dns_assignment: [
        {
          ip_address: made.fixed_ips[0].ip_address,
          hostname: `host-${made.fixed_ips[0].ip_address.replaceAll('.', '-')}`,
          fqdn: `host-${made.fixed_ips[0].ip_address.replaceAll('.', '-')}.openstacklocal.`,
        },
      ],
      ip_allocation: 'immediate',
      description: '',
      tags: ['a', 'b'],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 1,
    });
    expect((await network.client.get(`/ports/${made.id}`, { as: 'reader' })).body.port).toEqual(made);
  });

  test('only administrators see and set where a port is bound', async () => {
    const bound = await make({ 'binding:host_id': 'h1' }, 'admin');
    expect(bound).toMatchObject({
      'binding:host_id': 'h1',
      'binding:vif_type': 'ovs',
      'binding:vif_details': expect.objectContaining({ port_filter: true }),
      'binding:profile': {},
    });
    expect((await refusal({ 'binding:host_id': 'h1' })).status).toBe(403);
    const unbound = (await put(bound.id, { 'binding:host_id': '' }, 'admin')).body.port;
    expect(unbound).toMatchObject({
      'binding:vif_type': 'unbound',
      'binding:vif_details': {},
      status: 'DOWN',
    });
    // of the network's devices, those a host has are bound there like any other port
    const dhcp = await make({ 'binding:host_id': 'h1', device_owner: 'network:dhcp' }, 'admin');
    expect(dhcp['binding:vif_type']).toBe('ovs');
    const wired = await network.client.get(`/ports?network_id=${networkId}&binding:vif_type=ovs`);
    expect(wired.body.ports.map((port: { id: string }) => port.id)).toEqual([dhcp.id]);
    const listed = await network.client.get(`/ports?network_id=${networkId}`, { as: 'member' });
    for (const port of listed.body.ports) expect(port).not.toHaveProperty('binding:host_id');
  });

  test('the interface type of a bound port stays', async () => {
    const bound = await make({ 'binding:host_id': 'h1', device_id: 'd1', project_id: projectA }, 'admin');
    const refused = await put(bound.id, { 'binding:vnic_type': 'direct' });
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError).toMatchObject({
      type: 'PortInUse',
      message: expect.stringContaining('Port already has an attached device d1.'),
    });
    expect((await put(bound.id, { 'binding:vnic_type': 'normal' })).status).toBe(200);
    await put(bound.id, { 'binding:host_id': '' }, 'admin');
    const changed = await put(bound.id, { 'binding:vnic_type': 'direct' });
    expect(changed.body.port['binding:vnic_type']).toBe('direct');
  });

  test('addresses are given by subnet, by address, or not at all', async () => {
    const six = await network.make('subnets', {
      network_id: networkId,
      ip_version: 6,
      cidr: '2001:db8::/64',
    });
    const both = await make();
    expect(both.fixed_ips.map((ip: { subnet_id: string }) => ip.subnet_id)).toEqual([subnetId, six.id]);
    const one = await make({ fixed_ips: [{ subnet_id: six.id }] });
    expect(one.fixed_ips).toEqual([{ subnet_id: six.id, ip_address: expect.stringMatching(/^2001:db8::/) }]);
    const chosen = await make({ fixed_ips: [{ ip_address: '10.1.0.9' }, { ip_address: '2001:DB8::0:9' }] });
    expect(chosen.fixed_ips).toEqual([
      { subnet_id: subnetId, ip_address: '10.1.0.9' },
      { subnet_id: six.id, ip_address: '2001:db8::9' },
    ]);
    const none = await make({ fixed_ips: [] });
    expect(none).toMatchObject({ fixed_ips: [], ip_allocation: 'none' });
    expect(network.fabric.row('port', chosen.id)!.addresses).toEqual([
      { subnetId, address: '10.1.0.9' },
      { subnetId: six.id, address: '2001:db8::9' },
    ]);
  });

  test('of two addresses of an IPv4 subnet the second is not for broadcasts', async () => {
    const { id } = await network.make('networks', {});
    const link = await network.make('subnets', {
      network_id: id,
      ip_version: 4,
      cidr: '10.9.0.0/31',
      enable_dhcp: false,
    });
    expect(link.gateway_ip).toBe('10.9.0.1');
    const port = await make({ network_id: id, fixed_ips: [{ ip_address: '10.9.0.1' }] });
    expect(port.fixed_ips).toEqual([{ subnet_id: link.id, ip_address: '10.9.0.1' }]);
    expect(await refusal({ network_id: id, fixed_ips: [{ ip_address: '10.9.0.0' }] })).toMatchObject({
      status: 400,
      type: 'InvalidIpForNetwork',
    });
  });

  test('hosts give themselves addresses where those are automatic', async () => {
    const six = await network.make('subnets', {
      network_id: networkId,
      ip_version: 6,
      cidr: '2001:db8::/64',
      ipv6_address_mode: 'slaac',
      ipv6_ra_mode: 'slaac',
    });
    const own = await make({ mac_address: 'fa:16:3e:00:00:01' });
    const automatic = { subnet_id: six.id, ip_address: '2001:db8::f816:3eff:fe00:1' };
    expect(own.fixed_ips).toContainEqual(automatic);
    const only4 = await make({ mac_address: 'fa:16:3e:00:00:02', fixed_ips: [{ subnet_id: subnetId }] });
    expect(only4.fixed_ips).toHaveLength(2);
    expect(await refusal({ fixed_ips: [{ ip_address: '2001:db8::1234' }] })).toMatchObject({
      status: 400,
      type: 'AllocationOnAutoAddressSubnet',
    });
    const off = await put(own.id, {
      fixed_ips: [{ subnet_id: subnetId }, { subnet_id: six.id, delete_subnet: true }],
    });
    expect(off.body.port.fixed_ips).toHaveLength(1);
  });

  test.each([
    [[{ ip_address: '10.9.0.1' }], 400, 'InvalidIpForNetwork'],
    [[{ ip_address: '10.1.0.255' }], 400, 'InvalidIpForNetwork'],
    [[{ ip_address: '10.1.0' }], 400, 'HTTPBadRequest'],
    [[{ subnet_id: '00000000-0000-4000-8000-000000000000' }], 404, 'SubnetNotFound'],
    [[{}], 400, 'InvalidInput'],
    [[{ ip_address: '10.1.0.7' }, { ip_address: '10.1.0.7' }], 400, 'HTTPBadRequest'],
    ['10.1.0.7', 400, 'HTTPBadRequest'],
  ])('fixed addresses %j are refused', async (fixedIps, status, type) => {
    expect(await refusal({ fixed_ips: fixedIps })).toMatchObject({ status, type });
  });

  test('addresses change, and those that stay are kept', async () => {
    const { id } = await make({ fixed_ips: [{ ip_address: '10.1.0.9' }] });
    const more = await put(id, { fixed_ips: [{ ip_address: '10.1.0.9' }, { ip_address: '10.1.0.10' }] });
    expect(more.body.port.fixed_ips).toHaveLength(2);
    const kept = await put(id, { fixed_ips: [{ subnet_id: subnetId }] });
    expect(kept.body.port.fixed_ips).toHaveLength(1);
    expect(['10.1.0.9', '10.1.0.10']).toContain(kept.body.port.fixed_ips[0].ip_address);
    expect((await put(id, { fixed_ips: [] })).body.port.fixed_ips).toEqual([]);
    // what was given back is free again
    await make({ fixed_ips: [{ ip_address: '10.1.0.9' }] });
  });

  test('subnets reserved for a kind of device serve only that', async () => {
    const reserved = await network.make('networks', {}, { as: 'admin' });
    const compute = await network.make(
      'subnets',
      { network_id: reserved.id, ip_version: 4, cidr: '10.2.0.0/24', service_types: ['compute:nova'] },
      { as: 'admin' },
    );
    const guest = await make({ network_id: reserved.id, device_owner: 'compute:nova' }, 'admin');
    expect(guest.fixed_ips[0].subnet_id).toBe(compute.id);
    expect(await refusal({ network_id: reserved.id, device_owner: 'compute:other' }, 'admin')).toMatchObject({
      status: 409,
      type: 'IpAddressGenerationFailureNoMatchingSubnet',
    });
  });

  test('MAC addresses are unique on a network and can be given anew', async () => {
    const made = await make({ mac_address: 'FA-16-3E-AA-BB-CC' });
    expect(made.mac_address).toBe('fa:16:3e:aa:bb:cc');
    expect(await refusal({ mac_address: 'fa:16:3e:aa:bb:cc' })).toEqual({
      status: 409,
      type: 'MacAddressInUse',
      message: `Unable to complete operation for network ${networkId}. The mac address fa:16:3e:aa:bb:cc is in use.`,
      detail: '',
    });
    expect((await refusal({ mac_address: 'x' })).message).toContain("'x' is not a valid MAC address");
    expect((await put(made.id, { mac_address: null })).status).toBe(403);
    const fresh = await put(made.id, { mac_address: null }, 'manager');
    expect(fresh.body.port.mac_address).toMatch(/^fa:16:3e/);
    expect(fresh.body.port.mac_address).not.toBe('fa:16:3e:aa:bb:cc');
    await put(made.id, { 'binding:host_id': 'h' }, 'admin');
    expect((await put(made.id, { mac_address: null }, 'admin')).body.NeutronError.type).toBe('PortBound');
    expect(
      (await network.client.get('/ports?mac_address=FA:16:3E:AA:BB:CC', { as: 'member' })).body.ports,
    ).toEqual([]);
  });

  test('security groups default to the project’s own', async () => {
    const made = await make();
    const [group] = (await network.client.get('/security-groups?name=default', { as: 'member' })).body
      .security_groups;
    expect(made.security_groups).toEqual([group.id]);
    const other = await network.make('security-groups', { name: 'g' });
    expect((await put(made.id, { security_groups: [other.id] })).body.port.security_groups).toEqual([
      other.id,
    ]);
    expect((await put(made.id, { security_groups: [] })).body.port.security_groups).toEqual([]);
    const missing = randomUUID();
    expect((await put(made.id, { security_groups: [missing] })).body.NeutronError).toMatchObject({
      type: 'SecurityGroupNotFound',
      message: `Security group ${missing} does not exist`,
    });
    const foreign = await network.make('security-groups', { name: 'f' }, { as: 'stranger' });
    expect((await put(made.id, { security_groups: [foreign.id] })).status).toBe(404);
    const found = await network.client.get(`/ports?security_groups=${group.id}&fields=id`, { as: 'member' });
    expect(found.body.ports).not.toContainEqual({ id: made.id });
  });

  test('without port security there are no groups and no address pairs', async () => {
    const open = await make({ port_security_enabled: false });
    expect(open).toMatchObject({ port_security_enabled: false, security_groups: [] });
    const [group] = (await network.client.get('/security-groups', { as: 'member' })).body.security_groups;
    expect(await refusal({ port_security_enabled: false, security_groups: [group.id] })).toMatchObject({
      status: 400,
      type: 'PortSecurityAndIPRequiredForSecurityGroups',
    });
    const pairs = [{ ip_address: '10.1.0.99' }];
    expect(await refusal({ port_security_enabled: false, allowed_address_pairs: pairs })).toMatchObject({
      status: 409,
      type: 'AddressPairAndPortSecurityRequired',
    });
    const secured = await make();
    expect((await put(secured.id, { port_security_enabled: false })).body.NeutronError.type).toBe(
      'PortSecurityPortHasSecurityGroup',
    );
    const both = await put(secured.id, { port_security_enabled: false, security_groups: [] });
    expect(both.body.port.port_security_enabled).toBe(false);
    const unsecured = await network.make('networks', { port_security_enabled: false });
    expect(await make({ network_id: unsecured.id })).toMatchObject({ port_security_enabled: false });
  });

  test('allowed address pairs default to the port’s MAC address', async () => {
    const made = await make({
      allowed_address_pairs: [
        { ip_address: '10.1.0.99' },
        { ip_address: '10.5.0.0/24', mac_address: 'fa:16:3e:00:00:09' },
      ],
    });
    expect(made.allowed_address_pairs).toEqual([
      { mac_address: made.mac_address, ip_address: '10.1.0.99' },
      { mac_address: 'fa:16:3e:00:00:09', ip_address: '10.5.0.0/24' },
    ]);
    expect(network.fabric.row('port', made.id)!.allowedAddressPairs).toEqual([
      { mac: made.mac_address, address: '10.1.0.99' },
      { mac: 'fa:16:3e:00:00:09', address: '10.5.0.0/24' },
    ]);
    for (const pairs of [[{}], [{ ip_address: 'x' }], [{ ip_address: '10.0.0.1', colour: 1 }], 'x'])
      expect((await refusal({ allowed_address_pairs: pairs })).status).toBe(400);
    const groups = {
      '224.0.0.18': 'IP 224.0.0.18 is a multicast address, which is not supported.',
      'ff02::12': 'IP ff02::12 is a multicast address, which is not supported.',
      '230.0.0.0/8': 'Subnet 230.0.0.0/8 overlaps with multicast range 224.0.0.0/4, which is not supported.',
      '::/0': 'Subnet ::/0 overlaps with multicast range ff00::/8, which is not supported.',
      '10.0.0.0/99': "'10.0.0.0/99' is not a valid IP subnet",
      ten: "'ten' is not a valid IP address",
    };
    for (const [address, message] of Object.entries(groups))
      expect(await refusal({ allowed_address_pairs: [{ ip_address: address }] })).toMatchObject({ message });
    const group = { ip_address: '10.0.0.1', mac_address: '01:00:5e:00:00:12' };
    expect((await refusal({ allowed_address_pairs: [group] })).message).toBe(
      'MAC address 01:00:5e:00:00:12 is a multicast address, which is not supported.',
    );
    const all = [{ ip_address: '0.0.0.0/0' }];
    expect((await make({ allowed_address_pairs: all })).allowed_address_pairs).toHaveLength(1);
    const twice = [{ ip_address: '10.0.0.1' }, { ip_address: '10.0.0.1' }];
    expect((await refusal({ allowed_address_pairs: twice })).message).toContain('duplicate address pair');
  });

  test('extra DHCP options are merged by name, and taken away by null', async () => {
    const option = (name: string, value: string | null, version = 4) => ({
      opt_name: name,
      opt_value: value,
      ip_version: version,
    });
    const made = await make({ extra_dhcp_opts: [{ opt_name: 'bootfile-name', opt_value: 'pxelinux.0' }] });
    expect(made.extra_dhcp_opts).toEqual([option('bootfile-name', 'pxelinux.0')]);
    const merged = await put(made.id, {
      extra_dhcp_opts: [option('tftp-server', '10.0.0.1'), option('bootfile-name', 'other')],
    });
    expect(merged.body.port.extra_dhcp_opts).toEqual([
      option('bootfile-name', 'other'),
      option('tftp-server', '10.0.0.1'),
    ]);
    const less = await put(made.id, { extra_dhcp_opts: [{ opt_name: 'tftp-server', opt_value: null }] });
    expect(less.body.port.extra_dhcp_opts).toEqual([option('bootfile-name', 'other')]);
    expect((await refusal({ extra_dhcp_opts: [{ opt_name: 'x', opt_value: '' }] })).message).toContain(
      'No valid key specs matched for',
    );
  });

  test('names make up where a port is known', async () => {
    const made = await make({ dns_name: 'Web' });
    expect(made.dns_assignment[0]).toMatchObject({ hostname: 'web', fqdn: 'web.openstacklocal.' });
    expect((await refusal({ dns_name: '-bad' })).message).toContain('must not start or end with a hyphen');
    expect((await refusal({ dns_name: 'a..b' })).message).toContain('Encountered an empty component');
  });

  test('on shared networks others may have ports, but not choose addresses', async () => {
    const shared = await network.make('networks', { shared: true }, { as: 'admin' });
    const subnet = await network.make(
      'subnets',
      { network_id: shared.id, ip_version: 4, cidr: '10.3.0.0/24' },
      { as: 'admin' },
    );
    const guest = await make({ network_id: shared.id, fixed_ips: [{ subnet_id: subnet.id }] }, 'stranger');
    expect(guest.project_id).toBe('project-b');
    for (const fields of [
      { fixed_ips: [{ ip_address: '10.3.0.9' }] },
      { mac_address: 'fa:16:3e:00:00:01' },
      { port_security_enabled: false },
      { device_owner: 'network:dhcp' },
    ])
      expect((await refusal({ network_id: shared.id, ...fields }, 'stranger')).status).toBe(403);
    expect((await refusal({}, 'stranger')).status).toBe(404);
    // the network's owner sees the ports of its guests
    expect((await network.client.get(`/ports/${guest.id}`, { as: 'admin' })).status).toBe(200);
    expect((await network.client.get(`/ports/${guest.id}`, { as: 'member' })).status).toBe(404);
  });

  test('ports of routers go with their routers only', async () => {
    const router = await network.make('routers', {});
    const added = await network.client.put(
      `/routers/${router.id}/add_router_interface`,
      { subnet_id: subnetId },
      { as: 'member' },
    );
    const refused = await network.client.delete(`/ports/${added.body.port_id}`, { as: 'member' });
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError).toMatchObject({
      type: 'ServicePortInUse',
      message: `Port ${added.body.port_id} cannot be deleted directly via the port API: has device owner network:router_interface.`,
    });
    const foreign = await network.make('routers', {}, { as: 'stranger' });
    const plain = await make();
    for (const device_owner of ['network:router_interface', 'network:router_gateway']) {
      const fields = { device_owner, device_id: foreign.id };
      expect(await refusal(fields)).toMatchObject({ status: 409, type: 'DeviceIDNotOwnedByTenant' });
      expect((await put(plain.id, fields)).body.NeutronError.type).toBe('DeviceIDNotOwnedByTenant');
    }
    const untouched = await network.client.get(`/routers/${foreign.id}`, { as: 'stranger' });
    expect(untouched.body.router.external_gateway_info).toBeNull();
  });

  describe('lists', () => {
    test('are filtered by every kind of attribute', async () => {
      const fields = { name: 'a', device_id: 'd1', device_owner: 'compute:nova' };
      const a = await make({ ...fields, fixed_ips: [{ ip_address: '10.1.0.40' }] });
      const b = await make({ name: 'b', admin_state_up: false, fixed_ips: [{ ip_address: '10.1.0.50' }] });
      const ids = async (query: string) =>
        (
          await network.client.get(`/ports?network_id=${networkId}&${query}`, { as: 'member' })
        ).body.ports.map((port: { id: string }) => port.id);
      expect(await ids('name=a')).toEqual([a.id]);
      expect(await ids('device_id=d1')).toEqual([a.id]);
      expect(await ids('device_owner=compute:nova')).toEqual([a.id]);
      expect(await ids('admin_state_up=False')).toEqual([b.id]);
      expect(await ids('fixed_ips=ip_address=10.1.0.50')).toEqual([b.id]);
      expect(await ids('fixed_ips=ip_address_substr=1.0.5&name=b')).toEqual([b.id]);
      expect((await ids(`fixed_ips=subnet_id=${subnetId}`)).toSorted()).toEqual(
        expect.arrayContaining([a.id, b.id]),
      );
      expect(await ids(`mac_address=${a.mac_address.toUpperCase()}`)).toEqual([a.id]);
      expect(await ids('description=&name=a')).toEqual([a.id]);
      expect(await ids('network_id=nothing')).toHaveLength(3);
    });

    test('are made in bulk, each with its own', async () => {
      const bulk = await network.client.post(
        '/ports',
        {
          ports: [
            { network_id: networkId, name: 'x' },
            { network_id: networkId, tags: ['t'] },
          ],
        },
        { as: 'member' },
      );
      expect(bulk.status).toBe(201);
      expect(bulk.body.ports.map((p: { name: string; tags: string[] }) => [p.name, p.tags])).toEqual([
        ['x', []],
        ['', ['t']],
      ]);
      const bad = await network.client.post(
        '/ports',
        {
          ports: [
            { network_id: networkId, name: 'never' },
            { network_id: networkId, fixed_ips: [{ ip_address: '1.1.1.1' }] },
          ],
        },
        { as: 'member' },
      );
      expect(bad.status).toBe(400);
      expect((await network.client.get('/ports?name=never', { as: 'member' })).body.ports).toEqual([]);
    });
  });
});
