import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toJson } from '#kit/db/columns.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { serveNetwork, type TestNetwork } from '#test/support/network.ts';

import { claimAddress, claimFreeAddress, haveFree, isTaken, type PoolsOf } from './allocate.ts';
import { addressOf, formatAddress } from './ip.ts';

interface Pool {
  readonly start: string;
  readonly end: string;
}

describeEachEngine('giving addresses', (databases) => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await serveNetwork(databases, { quota_network: -1, quota_port: -1, quota_subnet: -1 });
  });
  afterAll(() => network.close());

  /** A subnet of a network of its own with these pools, and a port to give addresses to. */
  async function subnetWith(pools: readonly Pool[], version = 4): Promise<PoolsOf & { port: string }> {
    const { id: networkId } = await network.make('networks', {});
    const cidr = version === 4 ? '10.0.0.0/8' : '2001:db8::/32';
    const subnet = await network.make('subnets', {
      network_id: networkId,
      ip_version: version,
      cidr,
      enable_dhcp: false,
      gateway_ip: null,
    });
    const port = await network.make('ports', { network_id: networkId, fixed_ips: [] });
    return {
      id: subnet.id,
      network_id: networkId,
      ip_version: version,
      allocation_pools: toJson(pools),
      port: port.id,
    };
  }

  const claim = (subnet: PoolsOf & { port: string }) =>
    network.service.db.transaction().execute((db) => claimFreeAddress(db, subnet, subnet.port));

  test('a pool is given out to the last address, none twice, none from outside', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(fc.nat(30), { maxLength: 8 }), async (lengths, taken) => {
        // pools of the given sizes with gaps between them
        const pools = lengths.map((length, i) => ({
          start: `10.${i}.0.10`,
          end: `10.${i}.0.${9 + length}`,
        }));
        const subnet = await subnetWith(pools);
        const all = pools.flatMap(({ start, end }) => between(start, end));
        const used = new Set(taken.flatMap((i) => all[i] ?? []));
        for (const address of used) await claimAddress(network.service.db, subnet, subnet.port, address);
        const got = new Set<string>();
        for (let i = used.size; i < all.length; i++) got.add((await claim(subnet))!);
        expect(new Set([...used, ...got])).toEqual(new Set(all));
        expect(await claim(subnet)).toBeUndefined();
        expect(await haveFree(network.service.db, [subnet], 1)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  test('everyone who asks at the same time gets an address of their own', async () => {
    const subnet = await subnetWith([{ start: '10.0.0.1', end: '10.0.0.24' }]);
    const got = await Promise.all(Array.from({ length: 30 }, () => claim(subnet)));
    const given = got.filter((address) => address !== undefined);
    expect(given).toHaveLength(24);
    expect(new Set(given).size).toBe(24);
  });

  test('one address goes to one of those who want it', async () => {
    const subnet = await subnetWith([{ start: '10.0.0.1', end: '10.0.0.9' }]);
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claimAddress(network.service.db, subnet, subnet.port, '10.0.0.5')),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await isTaken(network.service.db, subnet.network_id, '10.0.0.5')).toBe(true);
    expect(await isTaken(network.service.db, subnet.network_id, '10.0.0.6')).toBe(false);
  });

  test('a huge pool costs no more than a small one', async () => {
    const subnet = await subnetWith(
      [{ start: '2001:db8::1', end: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' }],
      6,
    );
    const got = await Promise.all(Array.from({ length: 10 }, () => claim(subnet)));
    expect(new Set(got).size).toBe(10);
    expect(await haveFree(network.service.db, [subnet], 1_000_000)).toBe(true);
  });

  describe('a request', () => {
    test('that finds the pool empty is refused', async () => {
      const { id } = await network.make('networks', {});
      await network.make('subnets', { network_id: id, ip_version: 4, cidr: '10.0.0.0/29' });
      // five hosts, one of which is the network's own
      for (let i = 0; i < 4; i++) await network.make('ports', { network_id: id });
      const full = await network.client.post('/ports', { port: { network_id: id } }, { as: 'member' });
      expect(full.status).toBe(409);
      expect(full.body.NeutronError).toMatchObject({
        type: 'IpAddressGenerationFailure',
        message: `No more IP addresses available on network ${id}.`,
      });
    });

    test('for one address is met once', async () => {
      const { id } = await network.make('networks', {});
      const pools = [{ start: '10.0.0.2', end: '10.0.0.99' }];
      await network.make('subnets', {
        network_id: id,
        ip_version: 4,
        cidr: '10.0.0.0/24',
        allocation_pools: pools,
      });
      const port = { network_id: id, fixed_ips: [{ ip_address: '10.0.0.200' }] };
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => network.client.post('/ports', { port }, { as: 'member' })),
      );
      expect(answers.map((a) => a.status).toSorted()).toEqual([201, 409, 409, 409, 409, 409]);
      const refused = answers.find((a) => a.status === 409)!;
      expect(refused.body.NeutronError.type).toBe('IpAddressAlreadyAllocated');
    });
  });
});

function between(start: string, end: string): string[] {
  const addresses: string[] = [];
  for (let value = addressOf(start).value; value <= addressOf(end).value; value++)
    addresses.push(formatAddress(4, value));
  return addresses;
}
