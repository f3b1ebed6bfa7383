import { setTimeout as sleep } from 'node:timers/promises';

import type { Change, NetDriver } from '#drivers/net/driver.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { isKind, messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import type { NetworkSettings } from '../options.ts';
import type { Db } from '../tables.ts';
import type { EngineKind } from './kinds.ts';
import { alone, type OutboxRow, postpone, remove, waiting, waits } from './store.ts';
import { wantedChanges } from './wanted.ts';

/** What the applier works with; `databaseKind` decides how control processes keep out of each other's way. */
export interface ApplierParts {
  readonly db: Db;
  readonly databaseKind: Database['kind'];
  readonly driver: NetDriver;
  readonly clock: Clock;
  readonly settings: NetworkSettings;
  readonly log: Logger;
}

/** Most resources of one round. */
const batch = 200;
/** How often a process looks whether its changes were applied while another one drains, in milliseconds. */
const pollMs = 20;

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
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #waiters: Waiter[] = [];

  constructor(parts: ApplierParts) {
    this.#parts = parts;
  }

  /** Drains what waits. Rows that come while this runs are drained too. Never throws. */
  drain(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#drainAll();
    return this.#running;
  }

  /** Waits for what was committed under `token` to be applied, at most `timeoutMs`. Answers whether it was. */
  settle(token: string, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#tell([waiter], false), timeoutMs);
      const tell = (applied: boolean) => {
        clearTimeout(timer);
        resolve(applied);
      };
      const waiter = { token, tell };
      this.#waiters.push(waiter);
      void this.drain();
    });
  }

  /** Lets the round under way finish. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#tell(this.#waiters, false);
  }

  #tell(waiters: readonly Waiter[], applied: boolean): void {
    this.#waiters = this.#waiters.filter((waiter) => !waiters.includes(waiter));
    for (const { tell } of waiters) tell(applied);
  }

  async #drainAll(): Promise<void> {
    const { db, databaseKind, log } = this.#parts;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const drained = await alone(db, databaseKind, async (connection) => {
          while (!this.#stopped && (await this.#round(connection)));
        });
        if (!drained) await this.#leaveToOther();
      }
    } catch (error) {
      // whatever waits is tried again with the next change, and by the loop
      log.warn({ err: error }, `the network engine did not take a change: ${messageOf(error)}`);
      this.#tell(this.#waiters, false);
    } finally {
      this.#running = undefined;
    }
  }

  /** One batch; answers whether there may be more. */
  async #round(db: Db): Promise<boolean> {
    // whoever waits before the rows are read has committed theirs before
    const waiters = [...this.#waiters];
    const rows = await waiting(db, batch);
    const refused = rows.length > 0 ? await this.#apply(db, rows) : [];
    const more = rows.length === batch && refused.length === 0;
    if (!more) {
      for (const waiter of waiters) this.#tell([waiter], !refused.some((row) => row.token === waiter.token));
    }
    const applied = rows.filter((row) => !refused.includes(row));
    if (applied.length > 0) await remove(db, applied);
    return more;
  }

  /** Answers the rows whose resources the engine refuses: they wait, behind the others. Throws when it takes none. */
  async #apply(db: Db, rows: readonly OutboxRow[]): Promise<OutboxRow[]> {
    const { driver, clock, log, settings } = this.#parts;
    const changes = await changesFor(db, settings, rows);
    try {
      await driver.apply(changes);
      return [];
    } catch (error) {
      if (isKind(error, 'unavailable')) throw error;
    }
    const refused: OutboxRow[] = [];
    for (const change of changes) {
      try {
        await driver.apply([change]);
      } catch (error) {
        if (isKind(error, 'unavailable')) throw error;
        log.error({ err: error, change }, `the network engine refuses a ${change.kind}: ${messageOf(error)}`);
        refused.push(rows.find((row) => row.kind === change.kind && row.resource_id === change.id)!);
      }
    }
    await postpone(db, refused, clock.now());
    return refused;
  }

  /** Another control process drains: its changes and ours. Comes back for what it did not see any more. */
  async #leaveToOther(): Promise<void> {
    await sleep(pollMs, undefined, { ref: false });
    const waiters = [...this.#waiters];
    for (const waiter of waiters)
      if (!(await waits(this.#parts.db, waiter.token))) this.#tell([waiter], true);
    this.#again ||= this.#waiters.length > 0;
  }
}

/** What the rows' resources are to be now, in an order the engine can follow. */
async function changesFor(db: Db, settings: NetworkSettings, rows: readonly OutboxRow[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const kind of order) {
    const ids = rows.filter((row) => row.kind === kind).map((row) => row.resource_id);
    if (ids.length > 0) changes.push(...(await wantedChanges(db, settings, kind, ids)));
  }
  const made = changes.filter((change) => change.wanted !== null);
  const gone = changes.filter((change) => change.wanted === null);
  return [...made, ...gone.toReversed()];
}
