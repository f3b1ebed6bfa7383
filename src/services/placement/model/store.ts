import type { Kysely } from 'kysely';

import type { AggregateTables } from '../aggregates/store.ts';
import type { AllocationTables } from '../allocations/store.ts';
import type { InventoryTables } from '../inventories/store.ts';
import type { ResourceClassTables } from '../resource-classes/store.ts';
import type { ProviderTables } from '../resource-providers/store.ts';
import type { TraitTables } from '../traits/store.ts';

/**
 * All that decides about candidates; custom traits and classes for telling names that exist from those that do not.
 */
export type ModelTables = ProviderTables &
  InventoryTables &
  TraitTables &
  AggregateTables &
  AllocationTables &
  ResourceClassTables;

/** Everything the read model holds of the providers that changed after a revision: the model's only SQL. */
export class ModelStore {
  readonly #db: Kysely<ModelTables>;

  constructor(db: Kysely<ModelTables>) {
    this.#db = db;
  }

  inventories(after: number) {
    return this.#db
      .selectFrom('placement_inventories')
      .selectAll()
      .where('provider_uuid', 'in', this.#changed(after))
      .execute();
  }

  /** Use by provider and resource class. */
  uses(after: number) {
    return this.#db
      .selectFrom('placement_allocations')
      .select((eb) => ['provider_uuid', 'resource_class', eb.fn.sum<number>('used').as('used')])
      .where('provider_uuid', 'in', this.#changed(after))
      .groupBy(['provider_uuid', 'resource_class'])
      .execute();
  }

  traits(after: number) {
    return this.#db
      .selectFrom('placement_provider_traits')
      .selectAll()
      .where('provider_uuid', 'in', this.#changed(after))
      .execute();
  }

  aggregates(after: number) {
    return this.#db
      .selectFrom('placement_provider_aggregates')
      .selectAll()
      .where('provider_uuid', 'in', this.#changed(after))
      .execute();
  }

  /** Names of the custom traits and resource classes. */
  async customNames(): Promise<{ traits: string[]; classes: string[] }> {
    const traits = await this.#db.selectFrom('placement_traits').select('name').execute();
    const classes = await this.#db.selectFrom('placement_resource_classes').select('name').execute();
    return { traits: traits.map((t) => t.name), classes: classes.map((c) => c.name) };
  }

  #changed(after: number) {
    return this.#db.selectFrom('placement_providers').select('uuid').where('revision', '>', after);
  }
}
