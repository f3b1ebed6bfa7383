import type { Kysely, Selectable } from 'kysely';

/** A resource provider: something that has resources, alone or in a tree. */
export interface Provider {
  readonly uuid: string;
  readonly name: string;
  /** Advances with every change of its inventory, traits, aggregates or allocations. */
  readonly generation: number;
  readonly parentUuid: string | null;
  /** Itself, when it has no parent. */
  readonly rootUuid: string;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/**
 * Changes of what belongs to a provider move its `revision` too: the read model loads again what changed since it
 * looked.
 */
export interface ProviderTables {
  placement_providers: {
    uuid: string;
    name: string;
    generation: number;
    parent_uuid: string | null;
    root_uuid: string;
    /** The revision it was made in: what lists are ordered by. */
    sequence: number;
    /** The revision it, or what belongs to it, last changed in. */
    revision: number;
    created_at: number;
    updated_at: number | null;
  };
}

/** The resource providers' only SQL. */
export class ProviderStore {
  readonly #db: Kysely<ProviderTables>;

  constructor(db: Kysely<ProviderTables>) {
    this.#db = db;
  }

  async find(uuid: string): Promise<Provider | undefined> {
    const row = await this.#db
      .selectFrom('placement_providers')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Those of these providers that exist. */
  async findAll(uuids: readonly string[]): Promise<Provider[]> {
    if (uuids.length === 0) return [];
    const rows = await this.#db
      .selectFrom('placement_providers')
      .selectAll()
      .where('uuid', 'in', uuids)
      .execute();
    return rows.map(fromRow);
  }

  async findByName(name: string): Promise<Provider | undefined> {
    const row = await this.#db
      .selectFrom('placement_providers')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Providers that changed after `revision`, oldest provider first. */
  async changedSince(revision: number): Promise<Provider[]> {
    const rows = await this.#db
      .selectFrom('placement_providers')
      .selectAll()
      .where('revision', '>', revision)
      .orderBy('sequence')
      .execute();
    return rows.map(fromRow);
  }

  /** Every provider of a tree. */
  async tree(rootUuid: string): Promise<Provider[]> {
    const rows = await this.#db
      .selectFrom('placement_providers')
      .selectAll()
      .where('root_uuid', '=', rootUuid)
      .execute();
    return rows.map(fromRow);
  }

  async hasChildren(uuid: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('placement_providers')
      .select('uuid')
      .where('parent_uuid', '=', uuid)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async insert(provider: Provider, revision: number): Promise<void> {
    await this.#db
      .insertInto('placement_providers')
      .values({
        uuid: provider.uuid,
        name: provider.name,
        generation: provider.generation,
        parent_uuid: provider.parentUuid,
        root_uuid: provider.rootUuid,
        sequence: revision,
        revision,
        created_at: provider.createdAt,
        updated_at: provider.updatedAt,
      })
      .execute();
  }

  async update(provider: Provider, revision: number): Promise<void> {
    await this.#db
      .updateTable('placement_providers')
      .set({
        name: provider.name,
        parent_uuid: provider.parentUuid,
        root_uuid: provider.rootUuid,
        updated_at: provider.updatedAt,
        revision,
      })
      .where('uuid', '=', provider.uuid)
      .execute();
  }

  async setRoot(uuids: readonly string[], rootUuid: string, revision: number): Promise<void> {
    if (uuids.length === 0) return;
    await this.#db
      .updateTable('placement_providers')
      .set({ root_uuid: rootUuid, revision })
      .where('uuid', 'in', uuids)
      .execute();
  }

  /** Moves generations on by one. */
  async advance(uuids: readonly string[], revision: number): Promise<void> {
    if (uuids.length === 0) return;
    await this.#db
      .updateTable('placement_providers')
      .set((eb) => ({ generation: eb('generation', '+', 1), revision }))
      .where('uuid', 'in', uuids)
      .execute();
  }

  /** Notes that something belonging to these providers changed, without touching their generations. */
  async touch(uuids: readonly string[], revision: number): Promise<void> {
    if (uuids.length === 0) return;
    await this.#db.updateTable('placement_providers').set({ revision }).where('uuid', 'in', uuids).execute();
  }

  async remove(uuid: string): Promise<void> {
    await this.#db.deleteFrom('placement_providers').where('uuid', '=', uuid).execute();
  }
}

const fromRow = (row: Selectable<ProviderTables['placement_providers']>): Provider => ({
  uuid: row.uuid,
  name: row.name,
  generation: row.generation,
  parentUuid: row.parent_uuid,
  rootUuid: row.root_uuid,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
