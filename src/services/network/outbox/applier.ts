import { setTimeout as sleep } from 'node:timers/promises';

import type { Change, NetDriver } from '#drivers/net/driver.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';
import { newUuid } from '#kit/ids/ids.ts';
import type { Logger } from '#kit/log/log.ts';

import type { Db } from '../tables.ts';
import type { EngineKind } from '../work.ts';
import { lease, type OutboxRow, release, remove, waiting, waits } from './store.ts';
import { wantedChanges } from './wanted.ts';

export interface ApplierParts {
  readonly db: Db;
  readonly databaseKind: Database['kind'];
  readonly driver: NetDriver;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Most resources of one round. */
const batch = 200;
/** How long one of several control processes keeps the right to drain, in milliseconds. */
const leaseMs = 15_000;
/** How often, and how long at most, a process without that right looks whether another has done its work, in milliseconds. */
const pollMs = 20;
const watchMs = 5000;

/** Things are made in this order, so that whatever is referred to is there, and removed in the opposite one. */
const order: readonly EngineKind[] = ['network', 'securityGroup', 'port', 'router'];

/** Somebody who waits for a change to be applied. */
interface Waiter {
  readonly token: string;
  /** Told whether it was; a second word is ignored. */
  readonly tell: (applied: boolean) => void;
}

/**
 * Drains the outbox into the engine. Wanted states are computed afresh, so that a round may be repeated, and several
 * changes of one resource become one. A row goes when the engine has taken its resource; a crash in between repeats it.
 */
export class Applier {
  readonly #parts: ApplierParts;
  readonly #id = newUuid();
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #leasedUntil = 0;
  #waiters: Waiter[] = [];

  constructor(parts: ApplierParts) {
    this.#parts = parts;
  }

  /** Drains what waits. Rows that come while this runs are drained too. Never throws. */
  drain(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#drainAll().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Waits for what was committed under `token` to be applied, at most `timeoutMs`. Answers whether it was. */
  settle(token: string, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const tell = (applied: boolean) => {
        clearTimeout(timer);
        resolve(applied);
      };
      this.#waiters.push({ token, tell });
      void this.drain();
    });
  }

  /** Lets the round under way finish and gives the right to drain back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    for (const { tell } of this.#waiters) tell(false);
    if (this.#parts.databaseKind === 'postgres') await release(this.#parts.db, this.#id);
  }

  async #drainAll(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        if (await this.#lead()) while (await this.#round());
        else this.#leaveToOther();
      }
    } catch (error) {
      // whatever waits is tried again with the next change, and by the convergence loop
      this.#parts.log.warn({ err: error }, `the network engine did not take a change: ${messageOf(error)}`);
      for (const { tell } of this.#waiters.splice(0)) tell(false);
    }
  }

  /** One batch; answers whether there may be more. */
  async #round(): Promise<boolean> {
    const { db, driver } = this.#parts;
    // whoever waits before the rows are read has committed theirs before
    const waiters = [...this.#waiters];
    const rows = await waiting(db, batch);
    const more = rows.length === batch;
    if (rows.length > 0) await driver.apply(await changesFor(db, rows));
    if (!more) {
      this.#waiters = this.#waiters.filter((waiter) => !waiters.includes(waiter));
      for (const { tell } of waiters) tell(true);
    }
    if (rows.length > 0) await remove(db, rows);
    return more;
  }

  /** Of several control processes one drains: the lease says which, and passes on when that one dies. */
  async #lead(): Promise<boolean> {
    if (this.#parts.databaseKind === 'sqlite') return true;
    const now = this.#parts.clock.now();
    // renewed well before it runs out, so that no two ever believe to have it
    if (this.#leasedUntil - now > leaseMs / 2) return true;
    const until = now + leaseMs;
    if (!(await lease(this.#parts.db, this.#id, now, until))) return false;
    this.#leasedUntil = until;
    return true;
  }

  #leaveToOther(): void {
    for (const waiter of this.#waiters.splice(0)) void this.#watch(waiter);
  }

  async #watch({ token, tell }: Waiter): Promise<void> {
    try {
      for (let left = watchMs; left > 0 && !this.#stopped; left -= pollMs) {
        if (!(await waits(this.#parts.db, token))) return tell(true);
        await sleep(pollMs, undefined, { ref: false });
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, `cannot watch the outbox: ${messageOf(error)}`);
    }
    tell(false);
  }
}

/** What the rows' resources are to be now, in an order the engine can follow. */
async function changesFor(db: Db, rows: readonly OutboxRow[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const kind of order) {
    const ids = rows.filter((row) => row.kind === kind).map((row) => row.resource_id);
    if (ids.length > 0) changes.push(...(await wantedChanges(db, kind, ids)));
  }
  const made = changes.filter((change) => change.wanted !== null);
  const gone = changes.filter((change) => change.wanted === null);
  return [...made, ...gone.toReversed()];
}
