import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('routers and floating ips', (databases) => {
  let network: TestNetwork;
  let external: { id: string };
  let inside: { id: string };
  let subnet: { id: string };
  beforeAll(async () => {
    network = await serveNetwork(databases, {
      quota_network: -1,
      quota_subnet: -1,
      quota_port: -1,
      quota_router: -1,
      quota_floatingip: -1,
    });
    external = await network.make('networks', { 'router:external': true }, { as: 'admin' });
    await network.make(
      'subnets',
      {
        network_id: external.id,
        ip_version: 4,
        cidr: '172.24.4.0/24',
        enable_dhcp: false,
        // what is beyond is only taken by those who ask for it
        allocation_pools: [{ start: '172.24.4.2', end: '172.24.4.199' }],
      },
      { as: 'admin' },
    );
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    inside = await network.make('networks', {});
    subnet = await network.make('subnets', {
      network_id: inside.id,
      ip_version: 4,
      cidr: '10.1.0.0/24',
      // the addresses below it are named by tests, so none of them may be handed out by chance
      allocation_pools: [{ start: '10.1.0.100', end: '10.1.0.254' }],
    });
  });

  const member = { as: 'member' };
  const action = (id: string, name: string, body: object, as = 'member') =>
    network.client.put(`/routers/${id}/${name}`, body, { as });
  const connect = (id: string, body: object = { subnet_id: subnet.id }) =>
    action(id, 'add_router_interface', body);
  /** A router from the subnet to the outside. */
  async function routerOut(fields: object = {}) {
    const router = await network.make('routers', {
      external_gateway_info: { network_id: external.id },
      ...fields,
    });
    await connect(router.id);
    return router;
  }

  test('a router is shown with everything its owner may see', async () => {
    const made = await network.make('routers', {
      name: 'r',
      external_gateway_info: { network_id: external.id },
    });
    expect(made).toEqual({
      id: expect.any(String),
      name: 'r',
      project_id: projectA,
      tenant_id: projectA,
      admin_state_up: true,
      status: 'ACTIVE',
      external_gateway_info: {
        network_id: external.id,
        external_fixed_ips: [
          { subnet_id: expect.any(String), ip_address: expect.stringMatching(/^172\.24\.4\.\d+$/) },
        ],
        enable_snat: true,
      },
      enable_snat: true,
      routes: [],
      availability_zones: [],
      availability_zone_hints: [],
      description: '',
      tags: [],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 1,
    });
    expect((await network.client.get(`/routers/${made.id}`)).body.router).toMatchObject({ ha: true });
    expect((await network.client.get(`/routers/${made.id}`, { as: 'stranger' })).status).toBe(404);
  });

  test('the engine gets the router with all it is connected to', async () => {
    const router = await routerOut({ name: 'out' });
    const ports = (await network.client.get(`/ports?device_id=${router.id}`)).body.ports;
    const inner = ports.find((p: { device_owner: string }) => p.device_owner === 'network:router_interface');
    const outer = ports.find((p: { device_owner: string }) => p.device_owner === 'network:router_gateway');
    expect(inner).toMatchObject({ status: 'ACTIVE', port_security_enabled: false, security_groups: [] });
    expect(outer).toMatchObject({ project_id: '', network_id: external.id });
    const address = outer.fixed_ips[0].ip_address;
    expect(network.fabric.row('router', router.id)).toEqual({
      id: router.id,
      name: 'out',
      adminStateUp: true,
      interfaces: [
        { portId: inner.id, networkId: inside.id, mac: inner.mac_address, cidrs: ['10.1.0.1/24'] },
      ],
      gateway: {
        portId: outer.id,
        networkId: external.id,
        mac: outer.mac_address,
        cidrs: [`${address}/24`],
        nexthops: ['172.24.4.1'],
        snat: true,
        snatAddress: address,
        snatCidrs: ['10.1.0.0/24'],
      },
      routes: [],
      floatingIps: [],
    });
    expect(network.fabric.row('port', inner.id)!.kind).toBe('router');
  });

  test('a gateway is set, moved and taken away', async () => {
    const { id } = await network.make('routers', {});
    const put = (info: object | null, as = 'member') =>
      network.client.put(`/routers/${id}`, { router: { external_gateway_info: info } }, { as });
    expect((await put({ network_id: inside.id })).body.NeutronError).toMatchObject({
      type: 'BadRequest',
      message: `Bad router request: Network ${inside.id} is not an external network.`,
    });
    const missing = '00000000-0000-4000-8000-000000000000';
    expect((await put({ network_id: missing })).status).toBe(404);
    expect((await put({ network_id: external.id, enable_snat: false })).status).toBe(403);
    const set = await put({ network_id: external.id, enable_snat: false }, 'admin');
    expect(set.body.router.external_gateway_info.enable_snat).toBe(false);
    expect(network.fabric.row('router', id)!.gateway).toMatchObject({ snat: false, snatAddress: null });
    const fixed = { network_id: external.id, external_fixed_ips: [{ ip_address: '172.24.4.200' }] };
    const moved = await put(fixed, 'admin');

    expect(moved.body.router.external_gateway_info.external_fixed_ips[0].ip_address).toBe('172.24.4.200');
    const [present] = moved.body.router.external_gateway_info.external_fixed_ips;
    const more = [present, { subnet_id: present.subnet_id }];
    const same = await put({ network_id: external.id, external_fixed_ips: more }, 'admin');
    expect(same.body.router.external_gateway_info.external_fixed_ips).toEqual([present]);
    const gateway = { network_id: external.id, external_fixed_ips: [{ ip_address: '172.24.4.1' }] };
    expect((await put(gateway, 'admin')).body.NeutronError.message).toContain(
      'is the same as the gateway IP',
    );
    for (const none of [{}, null]) {
      expect((await put(none)).body.router.external_gateway_info).toBeNull();
      expect((await network.client.get(`/ports?device_id=${id}`)).body.ports).toEqual([]);
      await put({ network_id: external.id });
    }
    expect((await put({ subnet: 'x' })).status).toBe(400);
  });

  test('interfaces are added by subnet or port, and removed', async () => {
    const { id } = await network.make('routers', {});
    const added = await connect(id);
    expect(added.status).toBe(200);
    expect(added.body).toEqual({
      id,
      tenant_id: projectA,
      project_id: projectA,
      port_id: expect.any(String),
      network_id: inside.id,
      subnet_id: subnet.id,
      subnet_ids: [subnet.id],
    });
    expect((await connect(id)).body.NeutronError.message).toBe(
      `Bad router request: Router already has a port on subnet ${subnet.id}.`,
    );
    const removed = await action(id, 'remove_router_interface', { subnet_id: subnet.id });
    expect(removed.body.port_id).toBe(added.body.port_id);
    const port = await network.make('ports', { network_id: inside.id });
    const byPort = await connect(id, { port_id: port.id });
    expect(byPort.body).toMatchObject({ port_id: port.id, subnet_id: subnet.id });
    expect((await connect(id, { port_id: port.id })).body.NeutronError.type).toBe('PortInUse');
    const wrong = { port_id: port.id, subnet_id: '00000000-0000-4000-8000-000000000000' };
    expect((await action(id, 'remove_router_interface', wrong)).body.NeutronError.type).toBe(
      'SubnetMismatchForPort',
    );
    expect((await action(id, 'remove_router_interface', { port_id: port.id })).status).toBe(200);
    expect((await action(id, 'remove_router_interface', { port_id: port.id })).body.NeutronError.type).toBe(
      'RouterInterfaceNotFound',
    );
    expect(
      (await action(id, 'remove_router_interface', { subnet_id: subnet.id })).body.NeutronError.type,
    ).toBe('RouterInterfaceNotFoundForSubnet');
    expect(network.fabric.row('router', id)!.interfaces).toEqual([]);
  });

  test.each([
    [{}, 'Either subnet_id or port_id must be specified'],
    [{ subnet_id: 'x' }, "'x' is not a valid UUID"],
    [
      { subnet_id: '00000000-0000-4000-8000-000000000000', port_id: '00000000-0000-4000-8000-000000000000' },
      'Cannot specify both',
    ],
  ])('interface %j is refused', async (body, message) => {
    const { id } = await network.make('routers', {});
    const refused = await connect(id, body);
    expect(refused.status).toBe(400);
    expect(refused.body.NeutronError.message).toContain(message);
  });

  test('subnets of a router do not overlap', async () => {
    const { id } = await network.make('routers', {});
    await connect(id);
    const other = await network.make('networks', {});
    const overlapping = await network.make('subnets', {
      network_id: other.id,
      ip_version: 4,
      cidr: '10.1.0.128/25',
    });
    const refused = await connect(id, { subnet_id: overlapping.id });
    expect(refused.status).toBe(400);
    expect(refused.body.NeutronError.message).toContain('overlaps with cidr 10.1.0.0/24');
    const bare = await network.make('subnets', {
      network_id: other.id,
      ip_version: 4,
      cidr: '10.7.0.0/24',
      gateway_ip: null,
    });
    expect((await connect(id, { subnet_id: bare.id })).body.NeutronError.message).toContain(
      'must have a gateway IP',
    );
  });

  test('IPv6 subnets of a network share an interface', async () => {
    const { id } = await network.make('routers', {});
    const six = async (cidr: string) => {
      const made = await network.make('subnets', { network_id: inside.id, ip_version: 6, cidr });
      return (await connect(id, { subnet_id: made.id })).body;
    };
    const first = await six('2001:db8:1::/64');
    const second = await six('2001:db8:2::/64');
    expect(second.port_id).toBe(first.port_id);
    expect(network.fabric.row('router', id)!.interfaces[0]!.cidrs).toEqual([
      '2001:db8:1::/64',
      '2001:db8:2::/64',
    ]);
    await action(id, 'remove_router_interface', { subnet_id: first.subnet_id });
    expect(network.fabric.row('router', id)!.interfaces[0]!.cidrs).toEqual(['2001:db8:2::/64']);
  });

  test('a router with interfaces stays', async () => {
    const router = await routerOut();
    const refused = await network.client.delete(`/routers/${router.id}`, member);
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError.type).toBe('RouterInUse');
    await action(router.id, 'remove_router_interface', { subnet_id: subnet.id });
    expect((await network.client.delete(`/routers/${router.id}`, member)).status).toBe(204);
    expect(network.fabric.row('router', router.id)).toBeUndefined();
    expect((await network.client.get(`/routers/${router.id}`)).body.NeutronError.message).toBe(
      `Router ${router.id} could not be found`,
    );
  });

  test('extra routes lead to neighbours', async () => {
    const { id } = await network.make('routers', {});
    await connect(id);
    const route = (destination: string, nexthop = '10.1.0.9') => ({ destination, nexthop });
    const put = (routes: object[]) => network.client.put(`/routers/${id}`, { router: { routes } }, member);
    expect((await put([route('10.50.0.0/16')])).body.router.routes).toEqual([route('10.50.0.0/16')]);
    expect((await put([route('10.50.0.0/16', '10.2.0.9')])).body.NeutronError).toMatchObject({
      type: 'InvalidRoutes',
      message: expect.stringContaining('the nexthop is not connected with router'),
    });
    expect((await put([route('10.50.0.0/16', '10.1.0.1')])).body.NeutronError.message).toContain(
      'is used by router',
    );
    const changed = async (name: string, routes: object[]) =>
      (await action(id, name, { router: { routes } })).body.router.routes;
    expect(await changed('add_extraroutes', [route('10.50.0.0/16'), route('10.51.0.0/16')])).toEqual([
      route('10.50.0.0/16'),
      route('10.51.0.0/16'),
    ]);
    expect(await changed('remove_extraroutes', [route('10.50.0.0/16'), route('10.99.0.0/16')])).toEqual([
      route('10.51.0.0/16'),
    ]);
    expect(network.fabric.row('router', id)!.routes).toEqual([route('10.51.0.0/16')]);
    const inUse = await action(id, 'remove_router_interface', { subnet_id: subnet.id });
    expect(inUse.body.NeutronError.type).toBe('RouterInterfaceInUseByRoute');
    const many = Array.from({ length: 31 }, (_, i) => route(`10.60.${i}.0/24`));
    expect((await put(many)).body.NeutronError.type).toBe('OverQuota');
    expect((await put([])).body.router.routes).toEqual([]);
  });

  test('a subnet shared with everyone is not connected, one shared with the project is', async () => {
    const shared = await network.make('networks', { shared: true }, { as: 'admin' });
    const open = await network.make(
      'subnets',
      { network_id: shared.id, ip_version: 4, cidr: '10.4.0.0/24' },
      { as: 'admin' },
    );
    const { id } = await network.make('routers', {});
    const refused = await connect(id, { subnet_id: open.id });
    expect(refused.status).toBe(400);
    expect(refused.body.NeutronError.message).toContain(
      `subnet ${open.id} is not owned by project making the request`,
    );
    await network.make(
      'rbac-policies',
      {
        object_type: 'network',
        object_id: shared.id,
        action: 'access_as_shared',
        target_tenant: projectA,
      },
      { as: 'admin' },
    );
    expect((await connect(id, { subnet_id: open.id })).status).toBe(200);
  });

  test('a port of another project is no interface', async () => {
    await network.make('rbac-policies', {
      object_type: 'network',
      object_id: inside.id,
      action: 'access_as_shared',
      target_tenant: 'project-b',
    });
    const guest = await network.make('ports', { network_id: inside.id }, { as: 'stranger' });
    const { id } = await network.make('routers', {});
    const refused = await connect(id, { port_id: guest.id });
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError.type).toBe('DeviceIDNotOwnedByTenant');
  });

  test('a port that became an interface can be changed', async () => {
    const pairs = [{ ip_address: '10.1.0.77' }];
    const port = await network.make('ports', { network_id: inside.id, allowed_address_pairs: pairs });
    const { id } = await network.make('routers', {});
    expect((await connect(id, { port_id: port.id })).status).toBe(200);
    const put = (fields: object) => network.client.put(`/ports/${port.id}`, { port: fields }, member);
    const renamed = await put({ name: 'lan' });
    expect(renamed.status).toBe(200);
    expect(renamed.body.port).toMatchObject({ name: 'lan', security_groups: port.security_groups });
    expect((await put({ allowed_address_pairs: [{ ip_address: '10.1.0.78' }] })).status).toBe(409);
    expect((await put({ allowed_address_pairs: [], security_groups: [] })).body.port).toMatchObject({
      allowed_address_pairs: [],
      security_groups: [],
    });
  });

  test('a gateway stays while routes lead by it', async () => {
    const router = await routerOut();
    const put = (fields: object) => network.client.put(`/routers/${router.id}`, { router: fields }, member);
    const routes = [{ destination: '10.50.0.0/16', nexthop: '172.24.4.250' }];
    expect((await put({ routes })).status).toBe(200);
    const refused = await put({ external_gateway_info: null });
    expect(refused.status).toBe(400);
    expect(refused.body.NeutronError).toMatchObject({
      type: 'InvalidRoutes',
      message: expect.stringContaining('the nexthop is not connected with router'),
    });
    expect((await put({ external_gateway_info: { network_id: external.id } })).status).toBe(200);
    const gone = await put({ external_gateway_info: null, routes: [] });
    expect(gone.body.router).toMatchObject({ external_gateway_info: null, routes: [] });
  });

  test('a floating ip is taken, led to a port, elsewhere, and given back', async () => {
    const router = await routerOut();
    const [a, b] = [
      await network.make('ports', { network_id: inside.id, name: 'a' }),
      await network.make('ports', { network_id: inside.id, name: 'b' }),
    ];
    const made = await network.make('floatingips', { floating_network_id: external.id, port_id: a.id });
    expect(made).toEqual({
      id: expect.any(String),
      project_id: projectA,
      tenant_id: projectA,
      floating_ip_address: expect.stringMatching(/^172\.24\.4\./),
      floating_network_id: external.id,
      router_id: router.id,
      port_id: a.id,
      fixed_ip_address: a.fixed_ips[0].ip_address,
      status: 'ACTIVE',
      port_details: {
        name: 'a',
        network_id: inside.id,
        mac_address: a.mac_address,
        admin_state_up: true,
        status: 'DOWN',
        device_id: '',
        device_owner: '',
      },
      dns_name: '',
      dns_domain: '',
      description: '',
      tags: [],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 0,
    });
    const translated = () => network.fabric.row('router', router.id)!.floatingIps;
    expect(translated()).toEqual([
      {
        id: made.id,
        floatingAddress: made.floating_ip_address,
        fixedAddress: made.fixed_ip_address,
        portId: a.id,
      },
    ]);
    const put = (fields: object) =>
      network.client.put(`/floatingips/${made.id}`, { floatingip: fields }, member);
    expect((await put({ port_id: b.id })).body.floatingip).toMatchObject({
      port_id: b.id,
      fixed_ip_address: b.fixed_ips[0].ip_address,
    });
    expect((await put({ description: 'kept' })).body.floatingip).toMatchObject({
      port_id: b.id,
      description: 'kept',
    });
    const which = await put({ fixed_ip_address: b.fixed_ips[0].ip_address });
    expect(which.body.NeutronError?.message).toContain('cannot be specified without a port_id');
    const facts = await network.assembled.contract.port(b.id);
    expect(facts.addresses[0]!.floating).toEqual([made.floating_ip_address]);
    expect((await put({ port_id: null })).body.floatingip).toMatchObject({
      port_id: null,
      fixed_ip_address: null,
      router_id: null,
      status: 'DOWN',
      port_details: null,
    });
    expect(translated()).toEqual([]);
    expect((await network.client.delete(`/floatingips/${made.id}`, member)).status).toBe(204);
    const left = await network.client.get(`/ports?device_owner=network:floatingip&device_id=${made.id}`);
    expect(left.body.ports).toEqual([]);
  });

  test('floating ips of ports that go lead nowhere', async () => {
    const router = await routerOut();
    const port = await network.make('ports', { network_id: inside.id });
    const { id } = await network.make('floatingips', { floating_network_id: external.id, port_id: port.id });
    // not even for one of the same subnet: which of several would stay is not said
    for (const fixed_ips of [
      [],
      [{ subnet_id: subnet.id }],
      [{ subnet_id: subnet.id, delete_subnet: true }],
    ]) {
      const removed = await network.client.put(`/ports/${port.id}`, { port: { fixed_ips } }, member);
      expect(removed.status).toBe(400);
    }
    expect((await network.client.delete(`/ports/${port.id}`, member)).status).toBe(204);
    expect((await network.client.get(`/floatingips/${id}`, member)).body.floatingip).toMatchObject({
      port_id: null,
      status: 'DOWN',
    });
    expect(network.fabric.row('router', router.id)!.floatingIps).toEqual([]);
  });

  test.each([
    ['a network that is not external', () => ({ floating_network_id: inside.id }), 400, 'BadRequest'],
    [
      'a missing network',
      () => ({ floating_network_id: '00000000-0000-4000-8000-000000000000' }),
      404,
      'NetworkNotFound',
    ],
    ['no network', () => ({}), 400, 'HTTPBadRequest'],
    [
      'an address without port',
      () => ({ floating_network_id: external.id, fixed_ip_address: '10.1.0.9' }),
      400,
      'BadRequest',
    ],
  ])('a floating ip with %s is refused', async (_, fields, status, type) => {
    const refused = await network.client.post('/floatingips', { floatingip: fields() }, member);
    expect(refused.status).toBe(status);
    expect(refused.body.NeutronError.type).toBe(type);
  });

  test('a floating ip needs a way to its port', async () => {
    const port = await network.make('ports', { network_id: inside.id });
    const wanted = { floating_network_id: external.id, port_id: port.id };
    const unreachable = await network.client.post('/floatingips', { floatingip: wanted }, member);
    expect(unreachable.status).toBe(404);
    expect(unreachable.body.NeutronError.type).toBe('ExternalGatewayForFloatingIPNotFound');
    await routerOut();
    await network.make('floatingips', wanted);
    const second = await network.client.post('/floatingips', { floatingip: wanted }, member);
    expect(second.status).toBe(409);
    expect(second.body.NeutronError.type).toBe('FloatingIPPortAlreadyAssociated');
    const bare = await network.make('ports', { network_id: inside.id, fixed_ips: [] });
    const none = await network.client.post(
      '/floatingips',
      { floatingip: { ...wanted, port_id: bare.id } },
      member,
    );
    expect(none.body.NeutronError.message).toContain('has no fixed IPv4 addresses');
    const two = await network.make('ports', {
      network_id: inside.id,
      fixed_ips: [{ ip_address: '10.1.0.50' }, { ip_address: '10.1.0.51' }],
    });
    const which = await network.client.post(
      '/floatingips',
      { floatingip: { ...wanted, port_id: two.id } },
      member,
    );
    expect(which.body.NeutronError.message).toContain('multiple fixed IPv4 addresses');
    const chosen = await network.make('floatingips', {
      ...wanted,
      port_id: two.id,
      fixed_ip_address: '10.1.0.51',
    });
    expect(chosen.fixed_ip_address).toBe('10.1.0.51');
  });

  test('what floating ips need is not taken away', async () => {
    const router = await routerOut();
    const port = await network.make('ports', { network_id: inside.id });
    await network.make('floatingips', { floating_network_id: external.id, port_id: port.id });
    const interfaceGone = await action(router.id, 'remove_router_interface', { subnet_id: subnet.id });
    expect(interfaceGone.body.NeutronError.type).toBe('RouterInterfaceInUseByFloatingIP');
    const gatewayGone = await network.client.put(
      `/routers/${router.id}`,
      { router: { external_gateway_info: null } },
      member,
    );
    expect(gatewayGone.body.NeutronError.type).toBe('RouterExternalGatewayInUseByFloatingIp');
  });

  test('only managers choose floating addresses', async () => {
    const wanted = { floatingip: { floating_network_id: external.id, floating_ip_address: '172.24.4.222' } };
    expect((await network.client.post('/floatingips', wanted, member)).status).toBe(403);
    const made = await network.client.post('/floatingips', wanted, { as: 'manager' });
    expect(made.body.floatingip.floating_ip_address).toBe('172.24.4.222');
    expect((await network.client.post('/floatingips', wanted, { as: 'manager' })).status).toBe(409);
    const found = await network.client.get(
      '/floatingips?floating_ip_address=172.24.4.222&status=DOWN',
      member,
    );
    expect(found.body.floatingips).toHaveLength(1);
    const pools = await network.client.get('/floatingip-pools', member);
    expect(pools.body.floatingip_pools).toEqual([
      {
        subnet_id: expect.any(String),
        subnet_name: '',
        network_id: external.id,
        cidr: '172.24.4.0/24',
        tenant_id: projectA,
        project_id: projectA,
      },
    ]);
  });

  test('a gateway gets an address of an IP version its network learns later', async () => {
    const wide = await network.make('networks', { 'router:external': true }, { as: 'admin' });
    const add = (fields: object) =>
      network.make('subnets', { network_id: wide.id, ...fields }, { as: 'admin' });
    await add({ ip_version: 4, cidr: '192.0.2.0/24' });
    const { id } = await network.make('routers', { external_gateway_info: { network_id: wide.id } });
    await add({ ip_version: 6, cidr: '2001:db8:9::/64' });
    const { body } = await network.client.get(`/routers/${id}`, member);
    expect(body.router.external_gateway_info.external_fixed_ips).toHaveLength(2);
    expect(network.fabric.row('router', id)!.gateway!.nexthops).toEqual(['192.0.2.1', '2001:db8:9::']);
  });
});
