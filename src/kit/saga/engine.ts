import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Clock } from '../clock/clock.ts';
import type { AnyTransaction, Database } from '../db/database.ts';
import { isDatabaseFull } from '../db/errors.ts';
import { CloudError, isKind, messageOf } from '../errors/cloud-error.ts';
import type { Logger } from '../log/log.ts';
import { Journal, type SagaRecord, type StepHistory } from './journal.ts';
import { type AnyStep, Restart, type Saga, type SagaError } from './saga.ts';

/** Where a test may interfere: it throws {@link Crash} to stop the engine dead, or anything else to fail the step. */
export type Probe = (point: {
  saga: string;
  id: string;
  step: string;
  when: 'before' | 'after' | 'beforeUndo' | 'afterUndo';
}) => void;

/** Thrown by a {@link Probe}: the process dies here, as far as this engine is concerned. */
export class Crash extends Error {}

/** What an engine works with. */
export interface EngineOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** True when no other process can be working on this database: sagas left behind are taken over at once. */
  readonly alone: boolean;
  /** How long an unreachable undo is tried before it is left to the loops. */
  readonly undoTries?: number;
  readonly probe?: Probe;
}

const leaseMs = 60_000;
const renewMs = 15_000;
const scanMs = 2_000;

type AnySaga = Saga<never, never>;

/** How a saga ended. */
export interface Outcome {
  readonly failed: boolean;
  readonly error: SagaError | null;
}

/**
 * Runs sagas: one step after the other, each journalled before the next begins. After a crash, this process or another
 * goes on from the journal. A step that fails makes the saga unwind, its own undo first.
 */
export class SagaEngine {
  readonly journal: Journal;
  readonly #options: EngineOptions;
  readonly #owner = randomUUID();
  readonly #definitions = new Map<string, { saga: AnySaga; deps: unknown }>();
  readonly #running = new Map<string, { ended: Promise<void>; abort: AbortController }>();
  /** Ours that stopped since the journal could not be written: they go on from what it says, once it can be. */
  readonly #stranded = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.journal = new Journal(options.database);
  }

  /** Makes a saga known, with the service its steps work on. */
  register<Deps, Input>(saga: Saga<Deps, Input>, deps: Deps): void {
    if (this.#definitions.has(saga.name)) throw new Error(`saga ${saga.name} is registered twice`);
    this.#definitions.set(saga.name, { saga: saga as unknown as AnySaga, deps });
  }

  get names(): string[] {
    return [...this.#definitions.keys()];
  }

  /** Takes over what a dead process left and keeps looking for more, and for room when the disk was full. */
  async begin(): Promise<void> {
    await this.#takeOver(this.#options.alone);
    this.#every(renewMs, () => this.journal.renew(this.#owner, this.#leaseUntil()));
    this.#every(scanMs, () => this.#takeOver(false));
  }

  /**
   * Inserts a saga in the caller's transaction. It runs once, and only if, that commits.
   * `subject` names what it works on, e.g. `server:<uuid>`. The answer is the saga's id.
   */
  async start<Deps, Input>(
    trx: AnyTransaction,
    saga: Saga<Deps, Input>,
    subject: string,
    input: Input,
  ): Promise<string> {
    if (!this.#definitions.has(saga.name)) throw new Error(`saga ${saga.name} is not registered`);
    const record: SagaRecord = {
      id: randomUUID(),
      name: saga.name,
      subject,
      input: JSON.parse(JSON.stringify(input)),
      memo: {},
      state: 'running',
      attempt: 1,
      restartFrom: null,
      error: null,
      cancelled: false,
      done: [],
    };
    const now = this.#options.clock.now();
    await this.journal.insert(trx, record, this.#owner, this.#leaseUntil(), now);
    this.#options.database.onceCommitted(trx, () => this.#launch(record));
    return record.id;
  }

  /** Resolves when the saga has ended, also when another process runs it. */
  async finished(id: string): Promise<Outcome> {
    await this.#running.get(id)?.ended;
    for (;;) {
      const outcome = await this.journal.outcome(id);
      if (!outcome) return { failed: true, error: null };
      if (outcome.state === 'done' || outcome.state === 'failed')
        return { failed: outcome.state === 'failed', error: outcome.error };
      await sleep(100, undefined, { ref: false });
    }
  }

  /** Asks a saga to stop: its current step is aborted or finishes, then it unwinds. Does nothing once it has ended. */
  async cancel(id: string): Promise<void> {
    await this.journal.cancel(id);
    this.#running.get(id)?.abort.abort(new Error('cancelled'));
  }

  /** The sagas still working on a subject. */
  active(subject: string): Promise<string[]> {
    return this.journal.active(subject);
  }

  /** The steps of a saga as they went, for event lists. */
  history(id: string): Promise<StepHistory[]> {
    return this.journal.steps(id);
  }

  /** Resolves when nothing runs here any more. For tests and graceful stops. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map((r) => r.ended));
  }

  /** Stops after the steps now running; what is left is resumed by whoever begins next. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.idle();
  }

  #every(ms: number, work: () => Promise<void>): void {
    this.#timers.push(
      setInterval(() => {
        work().catch((error: unknown) => this.#options.log.error({ err: error }, 'saga upkeep failed'));
      }, ms).unref(),
    );
  }

  async #takeOver(ignoreLeases: boolean): Promise<void> {
    const now = this.#options.clock.now();
    const ids = await this.journal.abandoned(this.#owner, [...this.#stranded], now, ignoreLeases);
    for (const id of ids) {
      const record = this.#stopped
        ? undefined
        : await this.journal.claim(id, this.#owner, this.#leaseUntil());
      this.#stranded.delete(id);
      if (!record) continue;
      if (this.#definitions.has(record.name)) {
        this.#options.log.info({ saga: record.name, id, subject: record.subject }, 'resuming a saga');
        this.#launch(record);
      } else this.#options.log.error({ saga: record.name, id }, 'no such saga: left alone');
    }
  }

  #launch(record: SagaRecord): void {
    const abort = new AbortController();
    const ended = this.#drive(record, abort)
      .catch((error: unknown) => {
        if (error instanceof Crash) this.#stopped = true;
        else {
          this.#options.log.error({ err: error, saga: record.name, id: record.id }, 'saga left for now');
          this.#stranded.add(record.id);
        }
      })
      .finally(() => this.#running.delete(record.id));
    this.#running.set(record.id, { ended, abort });
  }

  async #drive(record: SagaRecord, abort: AbortController): Promise<void> {
    // whoever began it is answered first
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#stopped && (record.state === 'running' || record.state === 'unwinding')) {
      if (record.state === 'running') await this.#forward(record, abort);
      else await this.#unwind(record);
    }
  }

  async #forward(record: SagaRecord, abort: AbortController): Promise<void> {
    const { saga } = this.#definitions.get(record.name)!;
    const position = record.done.length;
    const { name } = saga.steps[position]!;
    const startedAt = this.#options.clock.now();
    let output: unknown;
    try {
      if (record.cancelled || abort.signal.aborted || (await this.journal.wasCancelled(record.id)))
        throw new Cancelled();
      this.#probe(record, name, 'before');
      output = await this.#attempt(record, saga.steps[position]!, abort.signal);
      this.#probe(record, name, 'after');
    } catch (error) {
      // a full disk says nothing about the operation
      if (error instanceof Crash || this.#stopped || isDatabaseFull(error)) throw error;
      await this.#turnBack(record, { position, name, startedAt }, error, abort);
      return;
    }
    const last = position === saga.steps.length - 1;
    if (last) record.state = 'done';
    const step = { position, name, startedAt, output };
    await this.journal.stepDone(record, step, this.#options.clock.now(), last);
    record.done.push({
      name,
      output: output === undefined ? undefined : JSON.parse(JSON.stringify(output)),
    });
  }

  async #turnBack(
    record: SagaRecord,
    step: { position: number; name: string; startedAt: number },
    error: unknown,
    abort: AbortController,
  ): Promise<void> {
    const cancelled = error instanceof Cancelled || abort.signal.aborted;
    const restart = error instanceof Restart && !cancelled ? error : undefined;
    record.state = 'unwinding';
    record.cancelled = cancelled;
    record.restartFrom = restart?.step ?? null;
    if (restart) record.memo = { ...record.memo, ...restart.memo };
    record.error = {
      kind: cancelled ? 'cancelled' : kindOf(error),
      message: messageOf(error),
      step: step.name,
    };
    this.#options.log.warn(
      { saga: record.name, id: record.id, subject: record.subject, step: step.name, err: error },
      'saga unwinds',
    );
    await this.journal.stepFailed(record, { ...step, error: messageOf(error) }, this.#options.clock.now());
  }

  async #attempt(record: SagaRecord, { step }: AnyStep, signal: AbortSignal): Promise<unknown> {
    const { deps } = this.#definitions.get(record.name)!;
    const context = {
      deps,
      input: record.input,
      outputs: outputsOf(record),
      sagaId: record.id,
      attempt: record.attempt,
      memo: record.memo,
      signal,
    };
    const tries = step.retry === 'forever' ? Infinity : (step.retry ?? 0);
    for (let tried = 0; ; tried++) {
      try {
        return await step.do(context as never);
      } catch (error) {
        if (tried >= tries || !isKind(error, 'unavailable') || signal.aborted || this.#stopped) throw error;
        await sleep(backoff(tried), undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Undoes the step that failed and every one before it, back to the restart point or the beginning. */
  async #unwind(record: SagaRecord): Promise<void> {
    const { saga } = this.#definitions.get(record.name)!;
    const end = record.restartFrom === null ? 0 : saga.steps.findIndex((s) => s.name === record.restartFrom);
    // the step after the last one done may have done part of its work
    for (let position = Math.min(record.done.length, saga.steps.length - 1); position >= end; position--) {
      const step = saga.steps[position]!;
      this.#probe(record, step.name, 'beforeUndo');
      const clean = await this.#undo(record, step);
      this.#probe(record, step.name, 'afterUndo');
      if (this.#stopped) throw new Error('stopped while unwinding');
      await this.journal.stepUndone(
        record,
        step.name,
        clean ? 'undone' : 'leaked',
        this.#options.clock.now(),
      );
      record.done.length = Math.min(record.done.length, position);
    }
    if (record.restartFrom === null) record.state = 'failed';
    else {
      record.state = 'running';
      record.attempt++;
      record.restartFrom = null;
      record.error = null;
    }
    await this.journal.saveState(record, this.#options.clock.now());
  }

  async #undo(record: SagaRecord, { name, step }: AnyStep): Promise<boolean> {
    if (!step.undo) return true;
    const { deps } = this.#definitions.get(record.name)!;
    const context = {
      deps,
      input: record.input,
      outputs: outputsOf(record),
      sagaId: record.id,
      attempt: record.attempt,
      memo: record.memo,
      error: record.error!,
      restarts: record.restartFrom !== null,
    };
    const tries = this.#options.undoTries ?? 5;
    for (let tried = 0; tried < tries; tried++) {
      try {
        await step.undo(context as never);
        return true;
      } catch (error) {
        if (error instanceof Crash || isDatabaseFull(error)) throw error;
        this.#options.log.error({ err: error, saga: record.name, id: record.id, step: name }, 'undo failed');
        if (tried < tries - 1) await sleep(backoff(tried));
      }
    }
    return false;
  }

  #probe(record: SagaRecord, step: string, when: 'before' | 'after' | 'beforeUndo' | 'afterUndo'): void {
    this.#options.probe?.({ saga: record.name, id: record.id, step, when });
  }

  #leaseUntil(): number {
    return this.#options.clock.now() + leaseMs;
  }
}

class Cancelled extends Error {
  constructor() {
    super('The operation was cancelled.');
  }
}

const outputsOf = (record: SagaRecord): Record<string, unknown> =>
  Object.fromEntries(record.done.map((d) => [d.name, d.output]));
const kindOf = (error: unknown): SagaError['kind'] => (error instanceof CloudError ? error.kind : 'internal');
/** 100 ms doubling to 10 s. */
const backoff = (tried: number): number => Math.min(100 * 2 ** tried, 10_000);
