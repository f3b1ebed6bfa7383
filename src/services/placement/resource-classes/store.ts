import type { Kysely } from 'kysely';

/** A resource class somebody made; its name begins with `CUSTOM_`. */
export interface CustomClass {
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** Custom classes by name. `sequence` is the revision a class was made in, which a new name does not change. */
export interface ResourceClassTables {
  placement_resource_classes: {
    name: string;
    sequence: number;
    created_at: number;
    updated_at: number | null;
  };
}

/** The resource classes' only SQL. Standard classes are not in the database: they exist everywhere. */
export class ResourceClassStore {
  readonly #db: Kysely<ResourceClassTables>;

  constructor(db: Kysely<ResourceClassTables>) {
    this.#db = db;
  }

  /** Every custom class, oldest first. */
  async listCustom(): Promise<CustomClass[]> {
    const rows = await this.#db
      .selectFrom('placement_resource_classes')
      .selectAll()
      .orderBy('sequence')
      .execute();
    return rows.map(fromRow);
  }

  async findCustom(name: string): Promise<CustomClass | undefined> {
    const row = await this.#db
      .selectFrom('placement_resource_classes')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async insertCustom(name: string, now: number, revision: number): Promise<void> {
    await this.#db
      .insertInto('placement_resource_classes')
      .values({ name, sequence: revision, created_at: now, updated_at: null })
      .execute();
  }

  async renameCustom(from: string, to: string, now: number): Promise<void> {
    await this.#db
      .updateTable('placement_resource_classes')
      .set({ name: to, updated_at: now })
      .where('name', '=', from)
      .execute();
  }

  async removeCustom(name: string): Promise<void> {
    await this.#db.deleteFrom('placement_resource_classes').where('name', '=', name).execute();
  }
}

const fromRow = (row: ResourceClassTables['placement_resource_classes']): CustomClass => ({
  name: row.name,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
