import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit, changedOne } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';

import { nextNumber } from '../sequences.ts';
import { Snapshot } from '../snapshot.ts';

/** What a server may be made of. Sizes: memory and swap in MB, disks in GB. */
export interface Flavor {
  /** Internal; only the order of equals in lists shows it. */
  readonly id: number;
  /** The id callers know, chosen by whoever made the flavor. */
  readonly flavorId: string;
  readonly name: string;
  readonly description: string | null;
  readonly memoryMb: number;
  readonly vcpus: number;
  readonly rootGb: number;
  readonly ephemeralGb: number;
  readonly swapMb: number;
  readonly rxtxFactor: number;
  readonly isPublic: boolean;
  readonly createdAt: number;
  readonly updatedAt: number | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Projects that may use the flavor although it is not public. */
  readonly projects: readonly string[];
}

/** A flavor to be added; extra specs and access are given to it afterwards. */
export type NewFlavor = Omit<Flavor, 'id' | 'updatedAt' | 'extraSpecs' | 'projects'>;

interface FlavorRow {
  id: number;
  flavor_id: string;
  name: string;
  description: string | null;
  memory_mb: number;
  vcpus: number;
  root_gb: number;
  ephemeral_gb: number;
  swap_mb: number;
  rxtx_factor: string;
  is_public: Bit;
  created_at: number;
  updated_at: number | null;
}

interface FlavorTables {
  compute_flavors: FlavorRow;
  compute_flavor_extra_specs: { flavor: number; key: string; value: string };
  compute_flavor_access: { flavor: number; project_id: string };
}

/** Every flavor there is, by internal id. A new object whenever one changes. */
export type Flavors = readonly Flavor[];

/** The flavors' only SQL. They are few, read by nearly every request and kept in memory. */
export class FlavorStore {
  readonly #db: Kysely<FlavorTables>;
  readonly #snapshot: Snapshot<Flavors>;

  constructor(database: Database) {
    this.#db = database.tables();
    this.#snapshot = new Snapshot(database, 'flavors', () => this.#load());
  }

  all(): Flavors | Promise<Flavors> {
    return this.#snapshot.get();
  }

  /** A flavor by the id callers know. */
  async find(flavorId: string): Promise<Flavor | undefined> {
    return (await this.all()).find((f) => f.flavorId === flavorId);
  }

  /** Adds a flavor, unless its id or name is taken: then that. */
  async insert(flavor: NewFlavor): Promise<Flavor | 'id' | 'name'> {
    try {
      return await this.#change(async (trx) => {
        const row = toRow(flavor, await nextNumber(trx, 'flavors'));
        await trx.insertInto('compute_flavors').values(row).execute();
        return fromRow(row, {}, []);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return (await this.find(flavor.flavorId)) ? 'id' : 'name';
    }
  }

  /** Changes a flavor's description; false when it is gone. */
  describe(id: number, description: string | null, now: number): Promise<boolean> {
    return this.#change(async (trx) =>
      changedOne(
        await trx
          .updateTable('compute_flavors')
          .set({ description, updated_at: now })
          .where('id', '=', id)
          .executeTakeFirstOrThrow(),
      ),
    );
  }

  /** Removes a flavor with its extra specs and access; false when it is gone already. */
  remove(flavorId: string): Promise<boolean> {
    return this.#change(async (trx) =>
      changedOne(
        await trx.deleteFrom('compute_flavors').where('flavor_id', '=', flavorId).executeTakeFirstOrThrow(),
      ),
    );
  }

  /** Sets extra specs, keeping others; false when the flavor is gone. */
  async setExtraSpecs(id: number, specs: Readonly<Record<string, string>>): Promise<boolean> {
    const rows = Object.entries(specs).map(([key, value]) => ({ flavor: id, key, value }));
    if (rows.length === 0) return true;
    try {
      await this.#change((trx) =>
        trx
          .insertInto('compute_flavor_extra_specs')
          .values(rows)
          .onConflict((c) =>
            c.columns(['flavor', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
          )
          .execute(),
      );
      return true;
    } catch (error) {
      if (isForeignKeyViolation(error)) return false;
      throw error;
    }
  }

  /** Removes an extra spec; false when it is not there. */
  removeExtraSpec(id: number, key: string): Promise<boolean> {
    return this.#change(async (trx) =>
      changedOne(
        await trx
          .deleteFrom('compute_flavor_extra_specs')
          .where('flavor', '=', id)
          .where('key', '=', key)
          .executeTakeFirstOrThrow(),
      ),
    );
  }

  /** Lets a project use a flavor, unless it may already or the flavor is gone. */
  async addAccess(id: number, projectId: string): Promise<'added' | 'there' | 'gone'> {
    try {
      await this.#change((trx) =>
        trx.insertInto('compute_flavor_access').values({ flavor: id, project_id: projectId }).execute(),
      );
      return 'added';
    } catch (error) {
      if (isUniqueViolation(error)) return 'there';
      if (isForeignKeyViolation(error)) return 'gone';
      throw error;
    }
  }

  /** Takes a flavor from a project; false when it did not have it. */
  removeAccess(id: number, projectId: string): Promise<boolean> {
    return this.#change(async (trx) =>
      changedOne(
        await trx
          .deleteFrom('compute_flavor_access')
          .where('flavor', '=', id)
          .where('project_id', '=', projectId)
          .executeTakeFirstOrThrow(),
      ),
    );
  }

  #change<R>(work: (trx: Transaction<FlavorTables>) => Promise<R>): Promise<R> {
    return this.#snapshot.change(work);
  }

  async #load(): Promise<Flavors> {
    const [flavors, specs, access] = await Promise.all([
      this.#db.selectFrom('compute_flavors').selectAll().orderBy('id').execute(),
      this.#db
        .selectFrom('compute_flavor_extra_specs')
        .selectAll()
        .orderBy('flavor')
        .orderBy('key')
        .execute(),
      this.#db
        .selectFrom('compute_flavor_access')
        .selectAll()
        .orderBy('flavor')
        .orderBy('project_id')
        .execute(),
    ]);
    const specsOf = Map.groupBy(specs, (s) => s.flavor);
    const accessOf = Map.groupBy(access, (a) => a.flavor);
    return flavors.map((row) =>
      fromRow(
        row,
        Object.fromEntries((specsOf.get(row.id) ?? []).map((s) => [s.key, s.value])),
        (accessOf.get(row.id) ?? []).map((a) => a.project_id),
      ),
    );
  }
}

const fromRow = (row: FlavorRow, extraSpecs: Record<string, string>, projects: string[]): Flavor => ({
  id: row.id,
  flavorId: row.flavor_id,
  name: row.name,
  description: row.description,
  memoryMb: row.memory_mb,
  vcpus: row.vcpus,
  rootGb: row.root_gb,
  ephemeralGb: row.ephemeral_gb,
  swapMb: row.swap_mb,
  rxtxFactor: Number(row.rxtx_factor),
  isPublic: row.is_public === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  extraSpecs,
  projects,
});

const toRow = (flavor: NewFlavor, id: number): FlavorRow => ({
  id,
  flavor_id: flavor.flavorId,
  name: flavor.name,
  description: flavor.description,
  memory_mb: flavor.memoryMb,
  vcpus: flavor.vcpus,
  root_gb: flavor.rootGb,
  ephemeral_gb: flavor.ephemeralGb,
  swap_mb: flavor.swapMb,
  rxtx_factor: String(flavor.rxtxFactor),
  is_public: bit(flavor.isPublic),
  created_at: flavor.createdAt,
  updated_at: null,
});
