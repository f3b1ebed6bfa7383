import type { Kysely } from 'kysely';

/** A trait somebody made; its name begins with `CUSTOM_`. */
export interface CustomTrait {
  readonly name: string;
  readonly createdAt: number;
}

/** Custom traits, and which providers have which traits, standard ones too. */
export interface TraitTables {
  placement_traits: { name: string; sequence: number; created_at: number; updated_at: number | null };
  placement_provider_traits: { provider_uuid: string; trait: string };
}

/** The traits' only SQL. Standard traits are not in the database: they exist everywhere. */
export class TraitStore {
  readonly #db: Kysely<TraitTables>;

  constructor(db: Kysely<TraitTables>) {
    this.#db = db;
  }

  /** Every custom trait, oldest first. */
  async listCustom(): Promise<CustomTrait[]> {
    const rows = await this.#db
      .selectFrom('placement_traits')
      .select(['name', 'created_at'])
      .orderBy('sequence')
      .orderBy('name')
      .execute();
    return rows.map((row) => ({ name: row.name, createdAt: row.created_at }));
  }

  async findCustom(name: string): Promise<CustomTrait | undefined> {
    const row = await this.#db
      .selectFrom('placement_traits')
      .select(['name', 'created_at'])
      .where('name', '=', name)
      .executeTakeFirst();
    return row && { name: row.name, createdAt: row.created_at };
  }

  async insertCustom(trait: CustomTrait, revision: number): Promise<void> {
    await this.#db
      .insertInto('placement_traits')
      .values({ name: trait.name, sequence: revision, created_at: trait.createdAt, updated_at: null })
      .execute();
  }

  async removeCustom(name: string): Promise<void> {
    await this.#db.deleteFrom('placement_traits').where('name', '=', name).execute();
  }

  /** The names of all traits that some provider has. */
  async associated(): Promise<Set<string>> {
    const rows = await this.#db.selectFrom('placement_provider_traits').select('trait').distinct().execute();
    return new Set(rows.map((row) => row.trait));
  }

  async isAssociated(trait: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('placement_provider_traits')
      .select('trait')
      .where('trait', '=', trait)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  async ofProvider(provider: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('placement_provider_traits')
      .select('trait')
      .where('provider_uuid', '=', provider)
      .execute();
    return rows.map((row) => row.trait);
  }

  async replaceOfProvider(provider: string, traits: readonly string[]): Promise<void> {
    await this.#db.deleteFrom('placement_provider_traits').where('provider_uuid', '=', provider).execute();
    if (traits.length === 0) return;
    await this.#db
      .insertInto('placement_provider_traits')
      .values(traits.map((trait) => ({ provider_uuid: provider, trait })))
      .execute();
  }
}
