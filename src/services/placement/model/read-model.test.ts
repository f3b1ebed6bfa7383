import { beforeAll, expect, test } from 'vitest';

import type { PlacementContract } from '#contracts/placement.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { newUuid } from '#kit/ids/ids.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { newPlacement } from '#test/support/placement.ts';

import { placementMigrations } from '../migrations/migrations.ts';
import { createProvider, removeProvider } from '../resource-providers/tree.ts';
import { type Placement } from '../service.ts';
import type { Model } from './model.ts';

/** Everything a model says, for comparison. */
const contents = (model: Model) =>
  [...model.providers.values()].map((p) => ({ ...p, stocks: [...p.stocks], traits: [...p.traits] }));

describeEachEngine('the read model', (databases) => {
  let database: Database;
  let contract: PlacementContract;
  let writer: Placement;
  let reader: Placement;
  beforeAll(async () => {
    database = await databases.open();
    await migrate(database, placementMigrations, 0);
    ({ service: writer, contract } = newPlacement(database));
    ({ service: reader } = newPlacement(database));
  });

  const make = async (name: string) => {
    const uuid = newUuid();
    await writer.change((change) => createProvider(change, { uuid, name, parentUuid: null }));
    return uuid;
  };

  test('stays as it is while nothing changes, and is whole after every change', async () => {
    await make('a');
    const first = await reader.model.current();
    expect(await reader.model.current()).toBe(first);
    const b = await make('b');
    const second = await reader.model.current();
    expect([...second.providers.values()].map((p) => p.name)).toEqual(['a', 'b']);
    await writer.change((change) => removeProvider(change, b));
    expect([...(await reader.model.current()).providers.values()].map((p) => p.name)).toEqual(['a']);
  });

  test('loaded piece by piece it equals one loaded at once', async () => {
    for (const round of [1, 2, 3, 4, 5]) {
      const uuid = await make(`host ${round}`);
      await reader.model.current();
      await contract.reportHost({
        uuid,
        name: `host ${round}`,
        inventories: {
          VCPU: { total: 8, reserved: 0, minUnit: 1, maxUnit: 8, stepSize: 1, allocationRatio: 1.5 },
        },
        traits: ['COMPUTE_NODE'],
      });
      await reader.model.current();
      const consumer = newUuid();
      await contract.claim({
        consumer,
        projectId: 'p',
        userId: 'u',
        allocations: { [uuid]: { VCPU: round } },
      });
      if (round % 2) await contract.release(consumer);
      expect(contents(await reader.model.current())).toEqual(
        contents(await newPlacement(database).service.model.current()),
      );
    }
  });

  test('whoever asks after a change sees it, though a load began before', async () => {
    const rounds = Array.from({ length: 20 }, async (_, i) => {
      const uuid = await make(`busy ${i}`);
      return (await reader.model.current()).providers.has(uuid);
    });
    expect(await Promise.all(rounds)).not.toContain(false);
  });
});
