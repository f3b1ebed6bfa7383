import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeEachEngine } from '#test/support/databases.ts';
import { type Made, serveNetwork, type TestNetwork } from '#test/support/network.ts';

describeEachEngine('addresses that guests take in turn', (databases) => {
  let network: TestNetwork;
  let networkId: string;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1, quota_port: -1, quota_subnet: -1 });
    network.fabric.addHost('host-1');
  });
  afterAll(() => network.close());
  beforeEach(async () => {
    ({ id: networkId } = await network.make('networks', {}));
    await network.make('subnets', {
      network_id: networkId,
      ip_version: 4,
      cidr: '10.1.0.0/24',
      // the addresses below it are named by tests, so none of them may be handed out by chance
      allocation_pools: [{ start: '10.1.0.100', end: '10.1.0.254' }],
    });
  });
  const make = (fields: object = {}): Promise<Made> =>
    network.make('ports', { network_id: networkId, ...fields }, { as: 'admin' });
  const put = (id: string, port: object) => network.client.put(`/ports/${id}`, { port }, { as: 'admin' });
  const pairs = (...addresses: string[]) => ({
    allowed_address_pairs: addresses.map((address) => ({ ip_address: address })),
  });
  const sharedOf = (port: Made) => (network.fabric.row('port', port.id) as Made).shared;

  test('an unbound port stands for those that may use its address, whichever was first', async () => {
    const first = await make({ ...pairs('10.1.0.50'), 'binding:host_id': 'host-1' });
    const virtual = await make({ fixed_ips: [{ ip_address: '10.1.0.50' }] });
    expect(sharedOf(virtual)).toEqual({ address: '10.1.0.50', holders: [first.id] });
    const second = await make(pairs('10.1.0.50/32', '10.1.0.0/24'));
    const both = [first.id, second.id].toSorted();
    expect(sharedOf(virtual)).toEqual({ address: '10.1.0.50', holders: both });
    await put(first.id, pairs());
    expect(sharedOf(virtual)).toEqual({ address: '10.1.0.50', holders: [second.id] });
    await network.client.delete(`/ports/${second.id}`, { as: 'admin' });
    expect(sharedOf(virtual)).toBeNull();
    await network.service.converge();
    expect(sharedOf(virtual)).toBeNull();
  });

  test('a port that is bound, or on another network, stands for itself', async () => {
    const bound = await make({ fixed_ips: [{ ip_address: '10.1.0.50' }], 'binding:host_id': 'host-1' });
    await make(pairs('10.1.0.50'));
    expect(sharedOf(bound)).toBeNull();
    const elsewhere = await network.make('networks', {});
    await network.make('subnets', { network_id: elsewhere.id, ip_version: 4, cidr: '10.1.0.0/24' });
    const away = await network.make('ports', {
      network_id: elsewhere.id,
      fixed_ips: [{ ip_address: '10.1.0.50' }],
    });
    expect(sharedOf(away)).toBeNull();
  });

  test('no guest can be behind a port that stands for others', async () => {
    const virtual = await make({ fixed_ips: [{ ip_address: '10.1.0.50' }] });
    await make(pairs('10.1.0.50'));
    const { status, body } = await put(virtual.id, { device_id: 'server', 'binding:host_id': 'host-1' });
    expect([status, body.NeutronError]).toEqual([
      400,
      {
        type: 'BadRequest',
        message: 'Bad port request: A virtual logical switch port cannot be bound to a host.',
        detail: '',
      },
    ]);
  });

  test("the network's own addresses are nobody's to use", async () => {
    const [service] = (
      await network.client.get(`/ports?device_owner=network:distributed&network_id=${networkId}`)
    ).body.ports;
    const address = service.fixed_ips[0].ip_address;
    const guest = await make();
    const { status, body } = await put(guest.id, pairs(address));
    expect([status, body.NeutronError.message]).toEqual([
      400,
      `Invalid input for operation: IP addresses '${address}' already used by the 'network:distributed' port(s) in the same network.`,
    ]);
    expect((await put(guest.id, pairs('10.1.0.0/24'))).status).toBe(200);
  });
});
