import type { CompiledQuery, Kysely } from 'kysely';

/**
 * Every change of Placement's data first advances the clock's only row. That serializes the changes (the row stays
 * locked until they are committed), so that no two of them find room for the same last resource, and it gives each a
 * revision by which the read model knows what it has not seen yet.
 */
export interface ClockTables {
  placement_clock: { id: number; revision: number; epoch: number };
}

/** What the clock shows. The epoch advances when something vanished that no row's revision can tell of. */
export interface ClockReading {
  readonly revision: number;
  readonly epoch: number;
}

/** The clock's only SQL. */
export class ClockStore {
  readonly #db: Kysely<ClockTables>;
  readonly #read: CompiledQuery<ClockReading>;

  constructor(db: Kysely<ClockTables>) {
    this.#db = db;
    // compiled once: every search for candidates begins with it
    this.#read = db.selectFrom('placement_clock').select(['revision', 'epoch']).compile();
  }

  async read(): Promise<ClockReading> {
    const { rows } = await this.#db.executeQuery(this.#read);
    return rows[0]!;
  }

  /** Takes the lock that serializes changes and answers the revision of this one. */
  async advance(): Promise<number> {
    const row = await this.#db
      .updateTable('placement_clock')
      .set((eb) => ({ revision: eb('revision', '+', 1) }))
      .returning('revision')
      .executeTakeFirstOrThrow();
    return row.revision;
  }

  /** Makes every reader load everything again. */
  async startEpoch(): Promise<void> {
    await this.#db
      .updateTable('placement_clock')
      .set((eb) => ({ epoch: eb('epoch', '+', 1) }))
      .execute();
  }
}
