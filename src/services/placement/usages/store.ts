import type { Kysely } from 'kysely';

import type { AllocationTables } from '../allocations/store.ts';
import type { InventoryTables } from '../inventories/store.ts';

/** Use is summed over allocations when somebody asks; inventories tell the classes of which nothing is used. */
export type UsageTables = AllocationTables & InventoryTables;

/** Whose use is summed up. */
export interface UsageFilter {
  readonly projectId: string;
  readonly userId?: string | undefined;
  /** Null: consumers without a type. Left out: all. */
  readonly consumerType?: string | null | undefined;
}

/**
 * What all matching consumers of one type hold of one resource class. The type is null for consumers made before 1.38.
 */
export interface Usage {
  readonly consumerType: string | null;
  readonly resourceClass: string;
  readonly used: number;
}

/** Sums over allocations. */
export class UsageStore {
  readonly #db: Kysely<UsageTables>;

  constructor(db: Kysely<UsageTables>) {
    this.#db = db;
  }

  /** Use by resource class of a provider, for every class it has an inventory of. */
  async ofProvider(provider: string): Promise<Record<string, number>> {
    const rows = await this.#db
      .selectFrom('placement_inventories as i')
      .leftJoin('placement_allocations as a', (join) =>
        join
          .onRef('a.provider_uuid', '=', 'i.provider_uuid')
          .onRef('a.resource_class', '=', 'i.resource_class'),
      )
      .select((eb) => [
        'i.resource_class as resource_class',
        eb.fn.coalesce(eb.fn.sum<number>('a.used'), eb.lit(0)).as('used'),
      ])
      .where('i.provider_uuid', '=', provider)
      .groupBy('i.resource_class')
      .execute();
    return Object.fromEntries(rows.map((row) => [row.resource_class, row.used]));
  }

  /** Use by consumer type and resource class. */
  async byConsumerType(filter: UsageFilter): Promise<Usage[]> {
    const rows = await this.#matching(filter)
      .select((eb) => ['c.consumer_type', 'a.resource_class', eb.fn.sum<number>('a.used').as('used')])
      .groupBy(['c.consumer_type', 'a.resource_class'])
      .execute();
    return rows.map((row) => ({
      consumerType: row.consumer_type,
      resourceClass: row.resource_class,
      used: row.used,
    }));
  }

  /** How many consumers of each type there are. */
  async consumersByType(filter: UsageFilter): Promise<Map<string | null, number>> {
    const rows = await this.#matching(filter)
      .select((eb) => ['c.consumer_type', eb.fn.count<number>('a.consumer_uuid').distinct().as('count')])
      .groupBy('c.consumer_type')
      .execute();
    return new Map(rows.map((row) => [row.consumer_type, row.count]));
  }

  #matching(filter: UsageFilter) {
    let query = this.#db
      .selectFrom('placement_consumers as c')
      .innerJoin('placement_allocations as a', 'a.consumer_uuid', 'c.uuid')
      .where('c.project_id', '=', filter.projectId);
    if (filter.userId !== undefined) query = query.where('c.user_id', '=', filter.userId);
    if (filter.consumerType === null) query = query.where('c.consumer_type', 'is', null);
    else if (filter.consumerType !== undefined)
      query = query.where('c.consumer_type', '=', filter.consumerType);
    return query;
  }
}
