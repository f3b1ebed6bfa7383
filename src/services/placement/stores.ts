import type { Kysely } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';

import { AggregateStore, type AggregateTables } from './aggregates/store.ts';
import { AllocationStore, type AllocationTables } from './allocations/store.ts';
import { ClockStore, type ClockTables } from './clock.ts';
import { InventoryStore, type InventoryTables } from './inventories/store.ts';
import { ResourceClassStore, type ResourceClassTables } from './resource-classes/store.ts';
import { ProviderStore, type ProviderTables } from './resource-providers/store.ts';
import { TraitStore, type TraitTables } from './traits/store.ts';
import { UsageStore, type UsageTables } from './usages/store.ts';

type Tables = ClockTables &
  ProviderTables &
  InventoryTables &
  TraitTables &
  AggregateTables &
  ResourceClassTables &
  AllocationTables &
  UsageTables;

/** Placement's stores on one connection: the database itself, or a transaction. */
export class Stores {
  readonly clock: ClockStore;
  readonly providers: ProviderStore;
  readonly inventories: InventoryStore;
  readonly traits: TraitStore;
  readonly aggregates: AggregateStore;
  readonly classes: ResourceClassStore;
  readonly allocations: AllocationStore;
  readonly usages: UsageStore;

  constructor(db: Kysely<Tables>) {
    this.clock = new ClockStore(db);
    this.providers = new ProviderStore(db);
    this.inventories = new InventoryStore(db);
    this.traits = new TraitStore(db);
    this.aggregates = new AggregateStore(db);
    this.classes = new ResourceClassStore(db);
    this.allocations = new AllocationStore(db);
    this.usages = new UsageStore(db);
  }
}

/** The stores within a change, which all carry its revision and its time. */
export class Change extends Stores {
  readonly revision: number;
  /** Milliseconds since the epoch. */
  readonly now: number;

  constructor(db: Kysely<Tables>, revision: number, now: number) {
    super(db);
    this.revision = revision;
    this.now = now;
  }

  /** Notes that a provider, or what belongs to it, changed, and moves its generation on. */
  advance(provider: string): Promise<void> {
    return this.providers.advance([provider], this.revision);
  }
}

/** Runs `work` as one change: all of it is on disk when this resolves, none of it when it throws. */
export async function changing<Result>(
  database: Database,
  clock: Clock,
  work: (change: Change) => Promise<Result>,
): Promise<Result> {
  return database.transaction<Tables, Result>(async (trx) => {
    const db: Kysely<Tables> = trx;
    const revision = await new ClockStore(db).advance();
    return work(new Change(db, revision, clock.now()));
  });
}

/** The stores for reading. */
export const storesOf = (database: Database): Stores => new Stores(database.tables<Tables>());
