import fc from 'fast-check';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import type { HostProvider } from '#contracts/placement.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { newPlacement } from '#test/support/placement.ts';

import type { AssembledPlacement } from './assembly.ts';
import { placementMigrations } from './migrations/migrations.ts';

const inventory = (total: number) => ({
  total,
  reserved: 0,
  minUnit: 1,
  maxUnit: total,
  stepSize: 1,
  allocationRatio: 1,
});

describeEachEngine('Placement for other services', (databases) => {
  let database: Database;
  let placement: AssembledPlacement;
  let other: AssembledPlacement;
  beforeAll(async () => {
    database = await databases.open();
    await migrate(database, placementMigrations, 0);
  });
  beforeEach(() => {
    // two control processes on one database
    placement = newPlacement(database);
    other = newPlacement(database);
  });

  const newHost = (vcpus: number, traits: string[] = ['COMPUTE_NODE']): HostProvider => {
    const uuid = newUuid();
    return { uuid, name: uuid, inventories: { VCPU: inventory(vcpus), MEMORY_MB: inventory(1024) }, traits };
  };
  const claimOf = (host: HostProvider, vcpus: number, consumer = newUuid()) => ({
    consumer,
    projectId: 'p',
    userId: 'u',
    allocations: { [host.uuid]: { VCPU: vcpus } },
  });

  test('a host is reported once, and again only when it changed', async () => {
    const host = newHost(4, ['COMPUTE_NODE', 'HW_CPU_X86_NONSENSE']);
    const { contract } = placement;
    const { stores } = placement.service;
    await contract.reportHost(host);
    const [first] = await stores.providers.findAll([host.uuid]);
    expect(first).toMatchObject({ name: host.name });
    expect(await stores.traits.ofProvider(host.uuid)).toEqual(['COMPUTE_NODE']);
    const before = await stores.clock.read();
    await contract.reportHost(host);
    expect(await stores.clock.read()).toEqual(before);
    await contract.reportHost({ ...host, inventories: { VCPU: inventory(8) } });
    expect((await stores.inventories.list(host.uuid)).map((i) => [i.resourceClass, i.total])).toEqual([
      ['VCPU', 8],
    ]);
  });

  test('traits an operator gave a host stay', async () => {
    const host = newHost(4);
    await placement.contract.reportHost(host);
    await placement.service.change(async (change) => {
      await change.traits.insertCustom({ name: 'CUSTOM_RACK', createdAt: 0 }, change.revision);
      await change.traits.replaceOfProvider(host.uuid, ['CUSTOM_RACK', 'COMPUTE_NODE']);
      await change.advance(host.uuid);
    });
    await placement.contract.reportHost({ ...host, traits: ['COMPUTE_NODE', 'HW_CPU_X86_SSE'] });
    expect((await placement.service.stores.traits.ofProvider(host.uuid)).sort()).toEqual([
      'COMPUTE_NODE',
      'CUSTOM_RACK',
      'HW_CPU_X86_SSE',
    ]);
  });

  test('candidates are as any process left them', async () => {
    const aggregate = newUuid();
    const host = newHost(4);
    const query = { resources: { VCPU: 2 }, requiredTraits: ['COMPUTE_NODE'], memberOf: [[aggregate]] };
    await placement.contract.reportHost(host);
    expect(await other.contract.candidates(query)).toEqual([]);
    await placement.contract.setAggregates(host.uuid, [aggregate]);
    expect(await other.contract.candidates(query)).toEqual([
      {
        provider: host.uuid,
        resources: { VCPU: 2 },
        summary: { VCPU: { capacity: 4, used: 0 }, MEMORY_MB: { capacity: 1024, used: 0 } },
        traits: ['COMPUTE_NODE'],
      },
    ]);
    await placement.contract.claim(claimOf(host, 3));
    expect(await other.contract.candidates(query)).toEqual([]);
    expect(await other.contract.candidates({ ...query, forbiddenTraits: ['COMPUTE_NODE'] })).toEqual([]);
  });

  test('claims are repeatable, moved and released', async () => {
    const { contract } = placement;
    const host = newHost(4);
    await contract.reportHost(host);
    const claim = claimOf(host, 3);
    expect(await contract.claim(claim)).toBe(true);
    expect(await contract.claim(claim)).toBe(true);
    expect(await contract.allocations(claim.consumer)).toEqual(claim.allocations);
    expect(await contract.claim(claimOf(host, 2))).toBe(false);
    expect(await contract.claim({ ...claim, allocations: { [newUuid()]: { VCPU: 1 } } })).toBe(false);

    const migration = newUuid();
    await contract.transfer(claim.consumer, migration, 'MIGRATION');
    await contract.transfer(claim.consumer, migration, 'MIGRATION');
    expect(await contract.allocations(migration)).toEqual(claim.allocations);
    expect(await contract.allocations(claim.consumer)).toEqual({});
    const consumers = await placement.service.stores.allocations.findConsumers([migration]);
    expect(consumers.get(migration)).toMatchObject({ consumerType: 'MIGRATION', projectId: 'p' });

    await expect(contract.removeHost(host.uuid)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await contract.consumers()).toContain(migration);
    await contract.release(migration);
    await contract.release(migration);
    await contract.removeHost(host.uuid);
    await contract.removeHost(host.uuid);
    expect(await contract.consumers()).not.toContain(migration);
  });

  test('a transfer takes the place of what the receiver holds', async () => {
    const { contract } = placement;
    const [from, to] = [newHost(4), newHost(4)];
    await contract.reportHost(from);
    await contract.reportHost(to);
    const server = claimOf(to, 2);
    const migration = claimOf(from, 1);
    await contract.claim(server);
    await contract.claim(migration);
    await contract.transfer(migration.consumer, server.consumer);
    expect(await contract.allocations(server.consumer)).toEqual(migration.allocations);
    const model = await other.service.model.current();
    expect(model.providers.get(to.uuid)!.stocks.get('VCPU')!.used).toBe(0);
  });

  test('whatever is claimed at once by whomever, a host never gives more than it has', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
        async (vcpus, wishes) => {
          const host = newHost(vcpus);
          await placement.contract.reportHost(host);
          const claims = wishes.map((wish, i) =>
            (i % 2 ? placement : other).contract.claim(claimOf(host, wish)),
          );
          const granted = await Promise.all(claims);
          const given = wishes.reduce((sum, wish, i) => sum + (granted[i] ? wish : 0), 0);
          const model = await other.service.model.current();
          const stock = model.providers.get(host.uuid)!.stocks.get('VCPU')!;
          expect(stock.used).toBe(given);
          expect(given).toBeLessThanOrEqual(vcpus);
          // nobody who would have fitted was refused
          expect(wishes.every((wish, i) => granted[i] || given + wish > vcpus || wish > vcpus)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });
});
