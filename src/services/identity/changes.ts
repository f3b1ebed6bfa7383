import type { Clock } from '#kit/clock/clock.ts';
import type { AnyTransaction, Database } from '#kit/db/database.ts';

/** The row that counts changes, for control processes that share a database. */
export interface RevisionTables {
  identity_revision: { id: number; value: number };
}

const pollEveryMs = 1000;

/**
 * Every write that could alter what a token means goes through {@link apply}, which moves {@link revision} on; what was
 * cached under an older revision is stale. On PostgreSQL, where other control processes write too, the revision is a
 * row that each of them looks at once a second; an embedded database has one writer, and the count stays in memory.
 */
export class Changes {
  readonly #database: Database;
  readonly #clock: Clock;
  #revision = 0;
  #seen: number | undefined;
  #lookedAt = -Infinity;
  #looking: Promise<number> | undefined;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Runs `work` in a transaction; when this resolves the change is on disk and nothing cached outlives it here. */
  async apply<Result>(work: (trx: AnyTransaction) => Promise<Result>): Promise<Result> {
    const result = await this.#database.transaction<RevisionTables, Result>(async (trx) => {
      const done = await work(trx);
      if (this.#shared) {
        // last, since every writer waits for this row
        await trx
          .updateTable('identity_revision')
          .set((eb) => ({ value: eb('value', '+', 1) }))
          .execute();
      }
      return done;
    });
    this.#revision++;
    return result;
  }

  /** The present revision. Answers at once unless it is time to look whether another process changed something. */
  current(): number | Promise<number> {
    if (!this.#shared || this.#clock.now() - this.#lookedAt < pollEveryMs) return this.#revision;
    return (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  get #shared(): boolean {
    return this.#database.kind === 'postgres';
  }

  async #look(): Promise<number> {
    const row = await this.#database
      .tables<RevisionTables>()
      .selectFrom('identity_revision')
      .select('value')
      .executeTakeFirstOrThrow();
    this.#lookedAt = this.#clock.now();
    if (this.#seen !== undefined && row.value !== this.#seen) this.#revision++;
    this.#seen = row.value;
    return this.#revision;
  }
}
