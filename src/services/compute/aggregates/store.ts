import type { Kysely, Transaction } from 'kysely';

import { changedOne } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { isPossibleId } from '../ids.ts';
import { nextNumber } from '../sequences.ts';
import { Snapshot } from '../snapshot.ts';

/** Hosts that have something in common, which metadata tells; the metadata item `availability_zone` makes it a zone. */
export interface Aggregate {
  readonly id: number;
  /** Shown since 2.41, and the id of the aggregate in Placement. */
  readonly uuid: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

interface AggregateRow {
  id: number;
  uuid: string;
  name: string;
  created_at: number;
  updated_at: number | null;
}

interface AggregateTables {
  compute_aggregates: AggregateRow;
  compute_aggregate_hosts: { aggregate_id: number; host: string };
  compute_aggregate_metadata: { aggregate_id: number; key: string; value: string };
}

/** Every aggregate, by id. A new object whenever one changes. */
export type Aggregates = readonly Aggregate[];

/** A rule that a change must keep to. Given the aggregates as they are when it is made; throws to prevent it. */
export type AggregateRule = (aggregates: Aggregates) => void;

/** The aggregates' only SQL. They are few, every placement of a server looks at them, and they are kept in memory. */
export class AggregateStore {
  readonly #db: Kysely<AggregateTables>;
  readonly #snapshot: Snapshot<Aggregates>;

  constructor(database: Database) {
    this.#db = database.tables();
    this.#snapshot = new Snapshot(database, 'aggregates', () => this.#load(this.#db));
  }

  all(): Aggregates | Promise<Aggregates> {
    return this.#snapshot.get();
  }

  async find(id: number): Promise<Aggregate | undefined> {
    return (await this.all()).find((a) => a.id === id);
  }

  /** Adds an aggregate; undefined when the name is taken. */
  async insert(
    name: string,
    metadata: Readonly<Record<string, string>>,
    now: number,
  ): Promise<Aggregate | undefined> {
    try {
      return await this.#change(async (trx) => {
        const id = await nextNumber(trx, 'aggregates');
        const row = { id, uuid: newUuid(), name, created_at: now, updated_at: null };
        await trx.insertInto('compute_aggregates').values(row).execute();
        await setMetadata(trx, id, metadata);
        return fromRow(row, [], metadata);
      });
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  }

  /** Renames an aggregate and sets or, with null, removes metadata items; others stay. */
  async update(
    id: number,
    change: { name?: string; metadata?: Readonly<Record<string, string | null>> },
    rule: AggregateRule,
    now: number,
  ): Promise<'updated' | 'duplicate' | 'gone'> {
    try {
      return await this.#change(async (trx) => {
        rule(await this.#load(trx));
        const result = await trx
          .updateTable('compute_aggregates')
          .set({ ...(change.name !== undefined && { name: change.name }), updated_at: now })
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        if (!changedOne(result)) return 'gone';
        await setMetadata(trx, id, change.metadata ?? {});
        return 'updated';
      });
    } catch (error) {
      if (isUniqueViolation(error)) return 'duplicate';
      throw error;
    }
  }

  /** Removes an aggregate without hosts. */
  async remove(id: number): Promise<'removed' | 'has hosts' | 'gone'> {
    if (!isPossibleId(id)) return 'gone';
    try {
      return await this.#change(async (trx) => {
        const result = await trx
          .deleteFrom('compute_aggregates')
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        return changedOne(result) ? 'removed' : 'gone';
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) return 'has hosts';
      throw error;
    }
  }

  async addHost(id: number, host: string, rule: AggregateRule): Promise<'added' | 'there' | 'gone'> {
    try {
      await this.#change(async (trx) => {
        rule(await this.#load(trx));
        await trx.insertInto('compute_aggregate_hosts').values({ aggregate_id: id, host }).execute();
      });
      return 'added';
    } catch (error) {
      if (isUniqueViolation(error)) return 'there';
      if (isForeignKeyViolation(error)) return 'gone';
      throw error;
    }
  }

  /** Takes a host out; false when it was not in. */
  removeHost(id: number, host: string, rule: AggregateRule): Promise<boolean> {
    return this.#change(async (trx) => {
      rule(await this.#load(trx));
      const result = await trx
        .deleteFrom('compute_aggregate_hosts')
        .where('aggregate_id', '=', id)
        .where('host', '=', host)
        .executeTakeFirstOrThrow();
      return changedOne(result);
    });
  }

  /** Takes a host that is going away out of every aggregate. */
  async forgetHost(host: string): Promise<void> {
    await this.#change((trx) => trx.deleteFrom('compute_aggregate_hosts').where('host', '=', host).execute());
  }

  #change<R>(work: (trx: Transaction<AggregateTables>) => Promise<R>): Promise<R> {
    return this.#snapshot.change(work);
  }

  async #load(db: Kysely<AggregateTables>): Promise<Aggregates> {
    const aggregates = await db.selectFrom('compute_aggregates').selectAll().orderBy('id').execute();
    const hosts = await db
      .selectFrom('compute_aggregate_hosts')
      .selectAll()
      .orderBy('aggregate_id')
      .orderBy('host')
      .execute();
    const metadata = await db
      .selectFrom('compute_aggregate_metadata')
      .selectAll()
      .orderBy('aggregate_id')
      .orderBy('key')
      .execute();
    const hostsOf = Map.groupBy(hosts, (h) => h.aggregate_id);
    const metadataOf = Map.groupBy(metadata, (m) => m.aggregate_id);
    return aggregates.map((row) =>
      fromRow(
        row,
        (hostsOf.get(row.id) ?? []).map((h) => h.host),
        Object.fromEntries((metadataOf.get(row.id) ?? []).map((m) => [m.key, m.value])),
      ),
    );
  }
}

async function setMetadata(
  trx: Transaction<AggregateTables>,
  id: number,
  metadata: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null) {
      await trx
        .deleteFrom('compute_aggregate_metadata')
        .where('aggregate_id', '=', id)
        .where('key', '=', key)
        .execute();
    } else {
      await trx
        .insertInto('compute_aggregate_metadata')
        .values({ aggregate_id: id, key, value })
        .onConflict((c) => c.columns(['aggregate_id', 'key']).doUpdateSet({ value }))
        .execute();
    }
  }
}

const fromRow = (
  row: AggregateRow,
  hosts: readonly string[],
  metadata: Readonly<Record<string, string>>,
): Aggregate => ({
  id: row.id,
  uuid: row.uuid,
  name: row.name,
  hosts,
  metadata,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
