import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';

/** A region; regions form a tree. `extra` holds attributes a caller made up. */
export interface Region {
  readonly id: string;
  readonly description: string;
  readonly parentRegionId: string | null;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Rows of regions. A parent, and a region with endpoints or registered limits, cannot be deleted. */
export interface RegionTables {
  identity_regions: { id: string; description: string; parent_region_id: string | null; extra: string };
}

/** The regions' only SQL. */
export class RegionStore {
  readonly #db: Kysely<RegionTables>;

  constructor(db: Kysely<RegionTables>) {
    this.#db = db;
  }

  async list(filter: { parentRegionId?: string }): Promise<Region[]> {
    let query = this.#db.selectFrom('identity_regions').selectAll().orderBy('id');
    if (filter.parentRegionId !== undefined)
      query = query.where('parent_region_id', '=', filter.parentRegionId);
    return (await query.execute()).map(fromRow);
  }

  async find(id: string): Promise<Region | undefined> {
    const row = await this.#db
      .selectFrom('identity_regions')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** The region and all below it, the region first. */
  async subtree(id: string): Promise<string[]> {
    const rows = await this.#db
      .withRecursive('tree', (db) =>
        db
          .selectFrom('identity_regions')
          .select('id')
          .where('id', '=', id)
          .union(
            db
              .selectFrom('identity_regions as r')
              .innerJoin('tree', 'tree.id', 'r.parent_region_id')
              .select('r.id'),
          ),
      )
      .selectFrom('tree')
      .select('id')
      .execute();
    return rows.map((row) => row.id);
  }

  /** Inserts unless the id is taken; answers what stood in the way. */
  async insert(region: Region): Promise<'inserted' | 'duplicate' | 'no parent'> {
    try {
      await this.#db.insertInto('identity_regions').values(toRow(region)).execute();
      return 'inserted';
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      if (isForeignKeyViolation(error)) return 'no parent';
      throw error;
    }
  }

  async update(region: Region): Promise<void> {
    const { id, ...rest } = toRow(region);
    await this.#db.updateTable('identity_regions').set(rest).where('id', '=', id).execute();
  }

  /**
   * Deletes these regions; children first, so that no parent goes before its child. Throws a foreign key violation while
   * anything refers to one of them.
   */
  async remove(trx: Transaction<RegionTables>, ids: readonly string[]): Promise<void> {
    for (const id of ids.toReversed())
      await trx.deleteFrom('identity_regions').where('id', '=', id).execute();
  }
}

const fromRow = (row: RegionTables['identity_regions']): Region => ({
  id: row.id,
  description: row.description,
  parentRegionId: row.parent_region_id,
  extra: fromJson(row.extra),
});

const toRow = (region: Region): RegionTables['identity_regions'] => ({
  id: region.id,
  description: region.description,
  parent_region_id: region.parentRegionId,
  extra: toJson(region.extra),
});
