import type { Kysely } from 'kysely';

/**
 * Aggregates have no table of their own: one exists as long as a provider is in it. UUIDs are kept as callers wrote
 * them.
 */
export interface AggregateTables {
  placement_provider_aggregates: { provider_uuid: string; aggregate_uuid: string };
}

/** Which aggregates providers are in: the aggregates' only SQL. */
export class AggregateStore {
  readonly #db: Kysely<AggregateTables>;

  constructor(db: Kysely<AggregateTables>) {
    this.#db = db;
  }

  async list(provider: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('placement_provider_aggregates')
      .select('aggregate_uuid')
      .where('provider_uuid', '=', provider)
      .execute();
    return rows.map((row) => row.aggregate_uuid);
  }

  async replace(provider: string, aggregates: readonly string[]): Promise<void> {
    await this.#db
      .deleteFrom('placement_provider_aggregates')
      .where('provider_uuid', '=', provider)
      .execute();
    if (aggregates.length === 0) return;
    await this.#db
      .insertInto('placement_provider_aggregates')
      .values(aggregates.map((aggregate) => ({ provider_uuid: provider, aggregate_uuid: aggregate })))
      .execute();
  }
}
