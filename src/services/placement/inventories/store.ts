import type { Kysely } from 'kysely';

import type { Inventory as Amounts } from '#contracts/placement.ts';

/** How much of one resource class a provider has. */
export interface Inventory extends Amounts {
  readonly resourceClass: string;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/**
 * At most one row for each provider and class. The ratio is a float, so what may be given need not be a whole number.
 */
export interface InventoryTables {
  placement_inventories: {
    provider_uuid: string;
    resource_class: string;
    total: number;
    reserved: number;
    min_unit: number;
    max_unit: number;
    step_size: number;
    allocation_ratio: number;
    created_at: number;
    updated_at: number | null;
  };
}

type Row = InventoryTables['placement_inventories'];

/** The inventories' only SQL. */
export class InventoryStore {
  readonly #db: Kysely<InventoryTables>;

  constructor(db: Kysely<InventoryTables>) {
    this.#db = db;
  }

  async list(provider: string): Promise<Inventory[]> {
    return (await this.listAll([provider])).get(provider) ?? [];
  }

  /** Inventories by provider. */
  async listAll(providers: readonly string[]): Promise<Map<string, Inventory[]>> {
    const found = new Map<string, Inventory[]>();
    if (providers.length === 0) return found;
    const rows = await this.#db
      .selectFrom('placement_inventories')
      .selectAll()
      .where('provider_uuid', 'in', providers)
      .execute();
    for (const row of rows) {
      const list = found.get(row.provider_uuid);
      if (list) list.push(fromRow(row));
      else found.set(row.provider_uuid, [fromRow(row)]);
    }
    return found;
  }

  async insert(provider: string, inventory: Inventory): Promise<void> {
    await this.#db.insertInto('placement_inventories').values(toRow(provider, inventory)).execute();
  }

  async update(provider: string, inventory: Inventory): Promise<void> {
    const { provider_uuid: _, resource_class: __, created_at: ___, ...rest } = toRow(provider, inventory);
    await this.#db
      .updateTable('placement_inventories')
      .set(rest)
      .where('provider_uuid', '=', provider)
      .where('resource_class', '=', inventory.resourceClass)
      .execute();
  }

  async remove(provider: string, classes: readonly string[]): Promise<void> {
    if (classes.length === 0) return;
    await this.#db
      .deleteFrom('placement_inventories')
      .where('provider_uuid', '=', provider)
      .where('resource_class', 'in', classes)
      .execute();
  }

  async removeAll(provider: string): Promise<void> {
    await this.#db.deleteFrom('placement_inventories').where('provider_uuid', '=', provider).execute();
  }

  async hasClass(resourceClass: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('placement_inventories')
      .select('provider_uuid')
      .where('resource_class', '=', resourceClass)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Follows a resource class to its new name. */
  async renameClass(from: string, to: string): Promise<void> {
    await this.#db
      .updateTable('placement_inventories')
      .set({ resource_class: to })
      .where('resource_class', '=', from)
      .execute();
  }
}

const fromRow = (row: Row): Inventory => ({
  resourceClass: row.resource_class,
  total: row.total,
  reserved: row.reserved,
  minUnit: row.min_unit,
  maxUnit: row.max_unit,
  stepSize: row.step_size,
  allocationRatio: row.allocation_ratio,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const toRow = (provider: string, inventory: Inventory): Row => ({
  provider_uuid: provider,
  resource_class: inventory.resourceClass,
  total: inventory.total,
  reserved: inventory.reserved,
  min_unit: inventory.minUnit,
  max_unit: inventory.maxUnit,
  step_size: inventory.stepSize,
  allocation_ratio: inventory.allocationRatio,
  created_at: inventory.createdAt,
  updated_at: inventory.updatedAt,
});
