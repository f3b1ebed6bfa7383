import type { Kysely, Transaction } from 'kysely';

import { type Bit, changedOne, fromJson, toJson } from '../db/columns.ts';
import type { Database } from '../db/database.ts';
import type { Migration } from '../db/migrations.ts';
import type { SagaError } from './saga.ts';

/** Where a saga is: going forward, undoing, or ended one way or the other. */
export type SagaState = 'running' | 'unwinding' | 'done' | 'failed';

interface SagaRow {
  id: string;
  name: string;
  /** What the saga works on, e.g. `server:<uuid>`. */
  subject: string;
  input: string;
  memo: string;
  state: SagaState;
  attempt: number;
  /** While unwinding: the step to restart from, or null to end in `failed`. */
  restart_from: string | null;
  error: string | null;
  cancelled: Bit;
  owner: string;
  lease_until: number;
  created_at: number;
  updated_at: number;
}

interface StepRow {
  saga_id: string;
  attempt: number;
  position: number;
  name: string;
  state: 'done' | 'failed' | 'undone' | 'leaked';
  output: string | null;
  error: string | null;
  started_at: number;
  finished_at: number;
}

/** The tables of the journal. */
export interface SagaTables {
  kit_sagas: SagaRow;
  kit_saga_steps: StepRow;
}

/** Every change of the journal's tables. */
export const sagaMigrations: readonly Migration[] = [
  {
    name: 'kit/0001-sagas',
    async up(db) {
      await db.schema
        .createTable('kit_sagas')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('input', 'text', (c) => c.notNull())
        .addColumn('memo', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('attempt', 'integer', (c) => c.notNull())
        .addColumn('restart_from', 'text')
        .addColumn('error', 'text')
        .addColumn('cancelled', 'integer', (c) => c.notNull())
        .addColumn('owner', 'text', (c) => c.notNull())
        .addColumn('lease_until', 'bigint', (c) => c.notNull())
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('updated_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('kit_sagas_state')
        .on('kit_sagas')
        .columns(['state', 'lease_until'])
        .execute();
      await db.schema
        .createIndex('kit_sagas_subject')
        .on('kit_sagas')
        .columns(['subject', 'created_at'])
        .execute();
      await db.schema
        .createTable('kit_saga_steps')
        .addColumn('saga_id', 'text', (c) => c.notNull().references('kit_sagas.id').onDelete('cascade'))
        .addColumn('attempt', 'integer', (c) => c.notNull())
        .addColumn('position', 'integer', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('output', 'text')
        .addColumn('error', 'text')
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('finished_at', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('kit_saga_steps_pk', ['saga_id', 'attempt', 'position'])
        .execute();
    },
  },
];

/** A saga as the engine holds it while it runs. */
export interface SagaRecord {
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  readonly input: unknown;
  memo: Record<string, unknown>;
  state: SagaState;
  attempt: number;
  restartFrom: string | null;
  error: SagaError | null;
  cancelled: boolean;
  /** Outputs of the steps that are done in this attempt, in order. */
  done: { name: string; output: unknown }[];
}

/** A step as it went, for event lists. */
export interface StepHistory {
  readonly name: string;
  readonly attempt: number;
  readonly state: StepRow['state'];
  readonly error: string | null;
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** How a step went: with its output, or with the error it failed with. */
export interface StepResult {
  position: number;
  name: string;
  startedAt: number;
  output?: unknown;
  error?: string;
}

/** The sagas' only SQL: what is written here is what a crashed process is resumed from. */
export class Journal {
  readonly #database: Database;
  readonly #db: Kysely<SagaTables>;

  constructor(database: Database) {
    this.#database = database;
    this.#db = database.tables<SagaTables>();
  }

  /** Inserts a saga in the caller's transaction. */
  async insert(
    trx: Transaction<SagaTables>,
    record: SagaRecord,
    owner: string,
    leaseUntil: number,
    now: number,
  ): Promise<void> {
    await trx
      .insertInto('kit_sagas')
      .values({
        id: record.id,
        name: record.name,
        subject: record.subject,
        input: toJson(record.input),
        memo: toJson(record.memo),
        state: record.state,
        attempt: record.attempt,
        restart_from: null,
        error: null,
        cancelled: 0,
        owner,
        lease_until: leaseUntil,
        created_at: now,
        updated_at: now,
      })
      .execute();
  }

  /** Sagas somebody began and nobody works on any more: those others left, and of `stranded` those still `owner`'s. */
  async abandoned(
    owner: string,
    stranded: readonly string[],
    now: number,
    ignoreLeases: boolean,
  ): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('kit_sagas')
      .select('id')
      .where('state', 'in', ['running', 'unwinding'])
      .where((eb) => {
        const others = [eb('owner', '!=', owner), ...(ignoreLeases ? [] : [eb('lease_until', '<', now)])];
        const ours = [eb('owner', '=', owner), eb('id', 'in', stranded)];
        return stranded.length === 0 ? eb.and(others) : eb.or([eb.and(others), eb.and(ours)]);
      })
      .orderBy('created_at')
      .execute();
    return rows.map((row) => row.id);
  }

  /** Takes a saga over unless somebody else was faster; the record to go on from, or undefined. */
  async claim(id: string, owner: string, leaseUntil: number): Promise<SagaRecord | undefined> {
    const row = await this.#db.selectFrom('kit_sagas').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) return undefined;
    const taken = await this.#db
      .updateTable('kit_sagas')
      .set({ owner, lease_until: leaseUntil })
      .where('id', '=', id)
      .where('owner', '=', row.owner)
      .where('lease_until', '=', row.lease_until)
      .executeTakeFirstOrThrow();
    if (!changedOne(taken)) return undefined;
    const steps = await this.#db
      .selectFrom('kit_saga_steps')
      .select(['name', 'output'])
      .where('saga_id', '=', id)
      .where('state', '=', 'done')
      .orderBy('position')
      .execute();
    return {
      id,
      name: row.name,
      subject: row.subject,
      input: fromJson(row.input),
      memo: fromJson(row.memo),
      state: row.state,
      attempt: row.attempt,
      restartFrom: row.restart_from,
      error: row.error === null ? null : fromJson(row.error),
      cancelled: row.cancelled === 1,
      done: steps.map((s) => ({ name: s.name, output: s.output === null ? undefined : fromJson(s.output) })),
    };
  }

  async renew(owner: string, leaseUntil: number): Promise<void> {
    await this.#db
      .updateTable('kit_sagas')
      .set({ lease_until: leaseUntil })
      .where('owner', '=', owner)
      .where('state', 'in', ['running', 'unwinding'])
      .execute();
  }

  /** Records a finished step and, with the last one, the end of the saga. */
  async stepDone(record: SagaRecord, step: StepResult, now: number, last: boolean): Promise<void> {
    await this.#database.transaction<SagaTables, void>(async (trx) => {
      await this.#writeStep(trx, record, step, 'done', now);
      if (last) await this.#writeState(trx, record, now);
    });
  }

  /** Records that a step failed and that the saga unwinds. */
  async stepFailed(record: SagaRecord, step: StepResult, now: number): Promise<void> {
    await this.#database.transaction<SagaTables, void>(async (trx) => {
      await this.#writeStep(trx, record, step, 'failed', now);
      await this.#writeState(trx, record, now);
    });
  }

  /** Records an undone step; `leaked` when its undo kept failing and loops must clean up. */
  async stepUndone(record: SagaRecord, name: string, state: 'undone' | 'leaked', now: number): Promise<void> {
    await this.#db
      .updateTable('kit_saga_steps')
      .set({ state, finished_at: now })
      .where('saga_id', '=', record.id)
      .where('name', '=', name)
      .where('state', 'in', ['done', 'failed'])
      .execute();
  }

  async saveState(record: SagaRecord, now: number): Promise<void> {
    await this.#writeState(this.#db, record, now);
  }

  /** Marks a saga as asked to stop; false when it has ended. */
  async cancel(id: string): Promise<boolean> {
    const result = await this.#db
      .updateTable('kit_sagas')
      .set({ cancelled: 1 })
      .where('id', '=', id)
      .where('state', 'in', ['running', 'unwinding'])
      .executeTakeFirstOrThrow();
    return changedOne(result);
  }

  async wasCancelled(id: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('kit_sagas')
      .select('cancelled')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.cancelled === 1;
  }

  /** State and error of a saga; undefined when there is none of that id. */
  async outcome(id: string): Promise<{ state: SagaState; error: SagaError | null } | undefined> {
    const row = await this.#db
      .selectFrom('kit_sagas')
      .select(['state', 'error'])
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { state: row.state, error: row.error === null ? null : fromJson<SagaError>(row.error) };
  }

  /** Ids of the sagas still working on a subject, oldest first. */
  async active(subject: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('kit_sagas')
      .select('id')
      .where('subject', '=', subject)
      .where('state', 'in', ['running', 'unwinding'])
      .orderBy('created_at')
      .execute();
    return rows.map((row) => row.id);
  }

  /** Every step of a saga, in the order they finished. */
  async steps(id: string): Promise<StepHistory[]> {
    const rows = await this.#db
      .selectFrom('kit_saga_steps')
      .selectAll()
      .where('saga_id', '=', id)
      .orderBy('attempt')
      .orderBy('position')
      .execute();
    return rows.map((row) => ({
      name: row.name,
      attempt: row.attempt,
      state: row.state,
      error: row.error,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
    }));
  }

  /** Forgets sagas that ended before `before`. */
  async purge(before: number): Promise<void> {
    await this.#db
      .deleteFrom('kit_sagas')
      .where('state', 'in', ['done', 'failed'])
      .where('updated_at', '<', before)
      .execute();
  }

  async #writeStep(
    trx: Transaction<SagaTables>,
    record: SagaRecord,
    step: StepResult,
    state: 'done' | 'failed',
    now: number,
  ): Promise<void> {
    const row: StepRow = {
      saga_id: record.id,
      attempt: record.attempt,
      position: step.position,
      name: step.name,
      state,
      output: step.output === undefined ? null : toJson(step.output),
      error: step.error ?? null,
      started_at: step.startedAt,
      finished_at: now,
    };
    // a step repeated after a crash between its work and this line was not written; one repeated by a test was
    await trx
      .insertInto('kit_saga_steps')
      .values(row)
      .onConflict((c) => c.columns(['saga_id', 'attempt', 'position']).doUpdateSet(row))
      .execute();
  }

  async #writeState(db: Kysely<SagaTables>, record: SagaRecord, now: number): Promise<void> {
    await db
      .updateTable('kit_sagas')
      .set({
        state: record.state,
        memo: toJson(record.memo),
        attempt: record.attempt,
        restart_from: record.restartFrom,
        error: record.error === null ? null : toJson(record.error),
        // another process may have asked it to stop since the record was read
        ...(record.cancelled && { cancelled: 1 as const }),
        updated_at: now,
      })
      .where('id', '=', record.id)
      .execute();
  }
}
