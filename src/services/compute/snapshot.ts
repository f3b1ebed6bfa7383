import type { AnyTransaction, Database } from '#kit/db/database.ts';

import { nextNumber, type SequenceTables } from './sequences.ts';

/**
 * A small table that is read often and changed seldom, kept in memory as one value. Changes go through {@link change}.
 * On an embedded database this process makes every change; on PostgreSQL other control processes do too, so a number
 * that grows with each change is looked at before the value is used.
 */
export class Snapshot<T extends object> {
  readonly #database: Database;
  readonly #sequence: string;
  readonly #load: () => Promise<T>;
  #held: { value: T; version: number } | undefined;
  #changes = 0;

  /** `name` tells this snapshot from others; `load` reads the table. */
  constructor(database: Database, name: string, load: () => Promise<T>) {
    this.#database = database;
    this.#sequence = `${name}.version`;
    this.#load = load;
  }

  /** The table as it is now. Answers at once when it is in memory; the same object as long as nothing changed. */
  get(): T | Promise<T> {
    if (this.#held && this.#database.kind === 'sqlite') return this.#held.value;
    return this.#read();
  }

  /** Runs `work` in a transaction that changes the table. Changes come one after the other, also of several processes. */
  async change<R>(work: (trx: AnyTransaction) => Promise<R>): Promise<R> {
    try {
      return await this.#database.transaction<object, R>(async (trx) => {
        await nextNumber(trx, this.#sequence);
        return work(trx);
      });
    } finally {
      // a value whose loading began before the commit must not be kept
      this.#changes++;
      this.#held = undefined;
    }
  }

  async #read(): Promise<T> {
    const version = await this.#version();
    if (this.#held?.version === version) return this.#held.value;
    const changes = this.#changes;
    const value = await this.#load();
    if (changes === this.#changes) this.#held = { value, version };
    return value;
  }

  async #version(): Promise<number> {
    const row = await this.#database
      .tables<SequenceTables>()
      .selectFrom('compute_sequences')
      .select('value')
      .where('name', '=', this.#sequence)
      .executeTakeFirst();
    return row?.value ?? 0;
  }
}
