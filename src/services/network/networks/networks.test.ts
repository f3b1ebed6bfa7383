import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { projectA, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('networks', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { vni_first: 10, vni_last: 500 });
  });
  afterAll(() => network.close());

  test('a network is shown with everything its owner may see', async () => {
    const made = await network.make('networks', { name: 'n1', description: 'first' });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'n1',
      description: 'first',
      project_id: projectA,
      tenant_id: projectA,
      admin_state_up: true,
      status: 'ACTIVE',
      mtu: 1442,
      subnets: [],
      shared: false,
      'router:external': false,
      availability_zones: [],
      availability_zone_hints: [],
      ipv4_address_scope: null,
      ipv6_address_scope: null,
      port_security_enabled: true,
      dns_domain: '',
      tags: [],
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
      revision_number: 1,
    });
    const shown = await network.client.get(`/networks/${made.id}`, { as: 'reader' });
    expect(shown.body.network).toEqual(made);
  });

  test('administrators see the segment', async () => {
    const made = await network.make('networks', {}, { as: 'admin' });
    expect(made).toMatchObject({
      'provider:network_type': 'geneve',
      'provider:physical_network': null,
      'provider:segmentation_id': expect.any(Number),
    });
    expect(made['provider:segmentation_id']).toBeGreaterThanOrEqual(10);
    expect(made['provider:segmentation_id']).toBeLessThanOrEqual(500);
  });

  test('the engine gets the network with its service port', async () => {
    const { id } = await network.make('networks', { name: 'wired' });
    const wanted = network.fabric.row('network', id)!;
    expect(wanted).toMatchObject({ id, name: 'wired', type: 'geneve', mtu: 1442, external: false });
    const [port] = (
      await network.client.get(`/ports?network_id=${id}&device_owner=network:distributed`, { as: 'admin' })
    ).body.ports;
    expect(wanted.servicePort).toEqual({ id: port.id, mac: port.mac_address, addresses: [] });
    expect(network.fabric.row('port', port.id)).toMatchObject({ kind: 'service', networkId: id });
  });

  test('a network of another project does not exist', async () => {
    const { id } = await network.make('networks', {});
    const foreign = await network.client.get(`/networks/${id}`, { as: 'stranger' });
    expect(foreign.status).toBe(404);
    expect(foreign.body.NeutronError).toEqual({
      type: 'NetworkNotFound',
      message: `Network ${id} could not be found.`,
      detail: '',
    });
    const listed = await network.client.get(`/networks?id=${id}`, { as: 'stranger' });
    expect(listed.body.networks).toEqual([]);
    expect((await network.client.delete(`/networks/${id}`, { as: 'stranger' })).status).toBe(404);
  });

  test('sharing is for administrators, and opens a network to all', async () => {
    const refused = await network.client.post('/networks', { network: { shared: true } }, { as: 'member' });
    expect(refused.status).toBe(403);
    expect(refused.body.NeutronError.type).toBe('PolicyNotAuthorized');
    const { id } = await network.make('networks', { shared: true, name: 's' }, { as: 'admin' });
    const seen = await network.client.get(`/networks/${id}`, { as: 'stranger' });
    expect(seen.body.network).toMatchObject({ shared: true });
    expect(seen.body.network).not.toHaveProperty('provider:network_type');
    const shared = await network.client.get('/networks?shared=True', { as: 'stranger' });
    expect(shared.body.networks.map((n: { id: string }) => n.id)).toEqual([id]);
    const changed = await network.client.put(`/networks/${id}`, { network: { name: 'x' } }, { as: 'member' });
    expect(changed.status).toBe(403);
    await network.client.put(`/networks/${id}`, { network: { shared: false } });
    expect((await network.client.get(`/networks/${id}`, { as: 'stranger' })).status).toBe(404);
  });

  test('a shared network others use stays shared', async () => {
    const { id } = await network.make('networks', { shared: true, name: 'used' }, { as: 'admin' });
    await network.make('ports', { network_id: id }, { as: 'stranger' });
    const refused = await network.client.put(`/networks/${id}`, { network: { shared: false } });
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError).toMatchObject({
      type: 'InvalidSharedSetting',
      message: 'Unable to reconfigure sharing settings for network used. Multiple projects are using it.',
    });
  });

  test('a network that is not shared may be told so, whoever has ports on it', async () => {
    const { id } = await network.make('networks', {});
    await network.make('ports', { network_id: id, project_id: 'project-b' }, { as: 'admin' });
    const told = await network.client.put(`/networks/${id}`, { network: { shared: false } });
    expect([told.status, told.body.network?.shared]).toEqual([200, false]);
  });

  test('only an external network is the default one, and no longer than it is external', async () => {
    const external = { 'router:external': true };
    const put = async (id: string, fields: object) =>
      (await network.client.put(`/networks/${id}`, { network: fields })).body;
    const inside = await network.make('networks', { is_default: true }, { as: 'admin' });
    expect((await put(inside.id, external)).network.is_default).toBe(false);
    await put(inside.id, { 'router:external': false });
    await put(inside.id, { is_default: true });
    const first = await network.make('networks', { ...external, is_default: true }, { as: 'admin' });
    expect((await put(inside.id, external)).network.is_default).toBe(false);
    expect((await put(inside.id, { is_default: true })).NeutronError.type).toBe(
      'DefaultExternalNetworkExists',
    );
    await put(first.id, { 'router:external': false });
    expect((await put(inside.id, { is_default: true })).network.is_default).toBe(true);
    expect((await put(first.id, external)).network.is_default).toBe(false);
    expect((await put(inside.id, { ...external, is_default: false })).network.is_default).toBe(false);
  });

  test('a network stops being external when no router goes out through it; its floating IPs go with it', async () => {
    const { id } = await network.make('networks', { 'router:external': true }, { as: 'admin' });
    await network.make('subnets', { network_id: id, ip_version: 4, cidr: '203.0.113.0/24' }, { as: 'admin' });
    const idle = await network.make('floatingips', { floating_network_id: id });
    const router = await network.make('routers', { external_gateway_info: { network_id: id } });
    const turnInside = () => network.client.put(`/networks/${id}`, { network: { 'router:external': false } });
    expect((await turnInside()).body.NeutronError).toMatchObject({ type: 'ExternalNetworkInUse' });
    await network.client.delete(`/routers/${router.id}`);
    expect((await turnInside()).body.network['router:external']).toBe(false);
    expect((await network.client.get(`/floatingips/${idle.id}`)).status).toBe(200);
    expect((await network.client.delete(`/networks/${id}`)).status).toBe(204);
    expect((await network.client.get(`/floatingips/${idle.id}`)).status).toBe(404);
  });

  test('provider attributes say where a network lies', async () => {
    const flat = {
      'provider:network_type': 'flat',
      'provider:physical_network': 'public',
      'router:external': true,
    };
    const made = await network.make('networks', flat, { as: 'admin' });
    expect(made).toMatchObject({ ...flat, mtu: 1500, 'provider:segmentation_id': null, is_default: false });
    const again = await network.client.post('/networks', { network: flat });
    expect(again.body.NeutronError).toMatchObject({ type: 'FlatNetworkInUse' });
    const bad = async (fields: object) =>
      (await network.client.post('/networks', { network: fields })).body.NeutronError.message;
    expect(await bad({ 'provider:network_type': 'flat' })).toBe(
      'Invalid input for operation: physical_network required for flat provider network.',
    );
    expect(await bad({ 'provider:network_type': 'flat', 'provider:physical_network': 'x' })).toBe(
      "Invalid input for operation: physical_network 'x' unknown for flat provider network.",
    );
    expect(await bad({ 'provider:network_type': 'vxlan' })).toBe(
      "Invalid input for operation: network_type value 'vxlan' not supported.",
    );
    const vlan = {
      'provider:network_type': 'vlan',
      'provider:physical_network': 'public',
      'provider:segmentation_id': 7,
    };
    await network.make('networks', vlan, { as: 'admin' });
    expect((await network.client.post('/networks', { network: vlan })).body.NeutronError.type).toBe(
      'VlanIdInUse',
    );
    expect(await bad({ ...vlan, 'provider:segmentation_id': 4095 })).toContain(
      'out of range (1 through 4094)',
    );
  });

  test('segments run out', async () => {
    const small = await serveNetwork(databases, { vni_first: 1, vni_last: 3, quota_network: -1 });
    for (let i = 0; i < 3; i++) await small.make('networks', {});
    const full = await small.client.post('/networks', { network: {} });
    expect(full.status).toBe(503);
    expect(full.body.NeutronError.type).toBe('NoNetworkAvailable');
    await small.close();
  });

  test('quotas are kept, also by bulk requests', async () => {
    const small = await serveNetwork(databases, { quota_network: 3 });
    const bulk = (count: number) =>
      small.client.post('/networks', { networks: Array.from({ length: count }, () => ({})) });
    const over = await bulk(4);
    expect(over.status).toBe(409);
    expect(over.body.NeutronError).toEqual({
      type: 'OverQuota',
      message: "Quota exceeded for resources: ['network'].",
      detail: '',
    });
    expect((await bulk(3)).body.networks).toHaveLength(3);
    expect((await bulk(1)).status).toBe(409);
    await small.close();
  });

  test('an update changes what it names and counts the revision up', async () => {
    const { id } = await network.make('networks', { name: 'old', description: 'd' });
    network.clock.advance(5000);
    const changed = await network.client.put(
      `/networks/${id}`,
      { network: { name: 'new', admin_state_up: 'False', mtu: 1400 } },
      { as: 'member' },
    );
    expect(changed.body.network).toMatchObject({
      name: 'new',
      description: 'd',
      admin_state_up: false,
      mtu: 1400,
      revision_number: 2,
      updated_at: '2026-01-01T00:00:05Z',
    });
    expect(network.fabric.row('network', id)).toMatchObject({ adminStateUp: false, mtu: 1400 });
  });

  test('If-Match insists on a revision', async () => {
    const { id } = await network.make('networks', {});
    const put = (revision: string) =>
      network.client.put(
        `/networks/${id}`,
        { network: { name: 'x' } },
        { as: 'member', headers: { 'if-match': `revision_number=${revision}` } },
      );
    expect((await put('1')).status).toBe(200);
    const stale = await put('1');
    expect(stale.status).toBe(412);
    expect(stale.body.NeutronError).toEqual({
      type: 'RevisionNumberConstraintFailed',
      message: 'Constrained to 1, but current revision is 2',
      detail: '',
    });
    expect((await put('one')).status).toBe(400);
  });

  test('bad input is refused in Neutron words', async () => {
    const message = async (fields: unknown) => {
      const { status, body } = await network.client.post('/networks', fields, { as: 'member' });
      expect(status).toBe(400);
      return body.NeutronError.message;
    };
    expect(await message({ network: { colour: 'red' } })).toBe("Unrecognized attribute(s) 'colour'");
    expect(await message({ network: { toString: 'x' } })).toBe("Unrecognized attribute(s) 'toString'");
    expect(await message({ network: JSON.parse('{"__proto__": {"shared": true}}') })).toBe(
      "Unrecognized attribute(s) '__proto__'",
    );
    expect(await message({ network: { status: 'DOWN' } })).toBe("Attribute 'status' not allowed in POST");
    expect(await message({ network: { name: 'x'.repeat(256) } })).toBe(
      `Invalid input for name. Reason: '${'x'.repeat(256)}' exceeds maximum length of 255.`,
    );
    expect(await message({ network: { admin_state_up: 'maybe' } })).toBe(
      "Invalid input for operation: 'maybe' cannot be converted to boolean.",
    );
    expect(await message({ net: {} })).toBe("Unable to find 'network' in request body");
    expect(await message({ network: [] })).toBe("Object 'network' contains invalid data");
    expect(await message([])).toBe('Body contains invalid data');
    expect(await message({ network: { project_id: 'project-b' } })).toContain(
      "Specifying 'project_id' other",
    );
    expect(await message({ network: { mtu: 9000 } })).toBe(
      'Invalid input for operation: Requested MTU is too big, maximum is 1442.',
    );
    const { id } = await network.make('networks', {});
    const readOnly = await network.client.put(`/networks/${id}`, { network: { status: 'x' } });
    expect(readOnly.body.NeutronError.message).toBe('Cannot update read-only attribute status');
  });

  test('lists are filtered, sorted, cut and trimmed', async () => {
    const own = await serveNetwork(databases);
    for (const name of ['c', 'a', 'b', 'd'])
      await own.make('networks', { name, admin_state_up: name !== 'b' });
    const names = async (query: string) =>
      (await own.client.get(`/networks?${query}`, { as: 'member' })).body.networks.map(
        (n: { name: string }) => n.name,
      );
    expect(await names('sort_key=name&sort_dir=asc')).toEqual(['a', 'b', 'c', 'd']);
    expect(await names('sort_key=name&sort_dir=desc&limit=2')).toEqual(['d', 'c']);
    expect(await names('name=a&name=d&sort_key=name&sort_dir=asc')).toEqual(['a', 'd']);
    expect(await names('admin_state_up=false')).toEqual(['b']);
    const fields = await own.client.get('/networks?name=a&fields=name&fields=tenant_id', { as: 'member' });
    expect(fields.body.networks).toEqual([{ name: 'a', tenant_id: projectA }]);
    const unknown = await own.client.get('/networks?colour=red');
    expect(unknown.status).toBe(400);
    expect(unknown.body.NeutronError.message).toBe("['colour'] is invalid attribute for filtering");
    expect((await own.client.get('/networks?sort_key=name')).status).toBe(400);
    expect((await own.client.get('/networks?limit=-1')).body.NeutronError.message).toBe(
      "Bad limit request: Limit must be an integer 0 or greater and not '-1'.",
    );
    await own.close();
  });

  test('pages lead on and back', async () => {
    const own = await serveNetwork(databases);
    for (let i = 0; i < 5; i++) await own.make('networks', { name: `n${i}` });
    const page = async (path: string) => (await own.client.get(path, { as: 'member' })).body;
    const link = (body: { networks_links: { rel: string; href: string }[] }, rel: string) =>
      body.networks_links.find((l) => l.rel === rel)?.href.replace(`${own.client.origin}/v2.0`, '');
    const ids = (body: { networks: { id: string }[] }) => body.networks.map((n) => n.id);
    const all = ids(await page('/networks'));
    expect(all).toEqual(all.toSorted());
    const first = await page('/networks?limit=2');
    expect(ids(first)).toEqual(all.slice(0, 2));
    const second = await page(link(first, 'next')!);
    expect(ids(second)).toEqual(all.slice(2, 4));
    const last = await page(link(second, 'next')!);
    expect(ids(last)).toEqual(all.slice(4));
    expect(link(last, 'next')).toBeUndefined();
    const back = await page(link(last, 'previous')!);
    expect(ids(back)).toEqual(all.slice(2, 4));
    expect((await own.client.get('/networks?limit=2&marker=nothing')).status).toBe(404);
    await own.close();
  });

  test('a network in use stays', async () => {
    const { id } = await network.make('networks', {});
    const port = await network.make('ports', { network_id: id });
    const refused = await network.client.delete(`/networks/${id}`, { as: 'member' });
    expect(refused.status).toBe(409);
    expect(refused.body.NeutronError).toMatchObject({
      type: 'NetworkInUse',
      message: `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is: ${port.id}.`,
    });
    await network.client.delete(`/ports/${port.id}`, { as: 'member' });
    await network.make('subnets', { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' });
    expect((await network.client.delete(`/networks/${id}`, { as: 'member' })).status).toBe(204);
    expect((await network.client.get(`/networks/${id}`)).status).toBe(404);
    expect(network.fabric.row('network', id)).toBeUndefined();
  });

  test('readers read, nobody sees only what is open to all', async () => {
    expect((await network.client.post('/networks', { network: {} }, { as: 'reader' })).status).toBe(403);
    const { id } = await network.make('networks', {});
    expect((await network.client.get(`/networks/${id}`, { as: 'nobody' })).status).toBe(404);
    expect((await network.client.get('/networks', { as: 'nobody' })).status).toBe(200);
    expect((await network.client.get('/networks', { as: 'unknown-token' })).status).toBe(401);
  });
});
