import type { PortListener } from '#contracts/network.ts';
import type { NetDriver } from '#drivers/net/driver.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { isForeignKeyViolation, isUniqueViolation } from '#kit/db/errors.ts';
import { conflict } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

import { type networkOptions, type NetworkSettings, settingsFrom } from './options.ts';
import { Applier } from './outbox/applier.ts';
import { converge } from './outbox/convergence.ts';
import { PortWiring } from './ports/wiring.ts';
import type { Db, Tables } from './tables.ts';
import { Work } from './work.ts';

/** What Network needs from outside. */
export interface NetworkParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: Values<typeof networkOptions>;
  readonly driver: NetDriver;
}

/** Attempts at a transaction that another one got in the way of. */
const writeAttempts = 4;

/** The Network service (Neutron): what its endpoints work with. */
export class Network {
  readonly clock: Clock;
  readonly db: Db;
  readonly settings: NetworkSettings;
  readonly driver: NetDriver;
  readonly #database: Database;
  readonly #log: Logger;
  readonly #applier: Applier;
  readonly #wiring: PortWiring;
  readonly #portListeners: PortListener[] = [];
  readonly #hostListeners: ((host: string) => void)[] = [];

  constructor(parts: NetworkParts) {
    this.clock = parts.clock;
    this.db = parts.database.tables<Tables>();
    this.settings = settingsFrom(parts.options);
    this.driver = parts.driver;
    this.#database = parts.database;
    this.#log = parts.log;
    this.#applier = new Applier({
      db: this.db,
      databaseKind: parts.database.kind,
      driver: parts.driver,
      clock: parts.clock,
      log: parts.log,
      settings: this.settings,
    });
    const changed: PortListener = (event) => this.#tellListeners(event);
    this.#wiring = new PortWiring({ ...parts, db: this.db, changed });
  }

  /**
   * Changes the database in one transaction and has the engine follow: what `work` touches is in the outbox before the
   * transaction ends, and normally in the engine before this answers. An engine out of reach only delays that.
   */
  async write<Result>(change: (work: Work) => Promise<Result>): Promise<Result> {
    const { result, token, work } = await this.#commit(change);
    for (const host of work.rewiredHosts) for (const listener of this.#hostListeners) listener(host);
    if (token !== undefined) await this.#applier.settle(token, this.settings.settle_timeout * 1000);
    for (const port of work.deletedPorts) this.#tellListeners({ ...port, status: 'DELETED' });
    return result;
  }

  /** Has the engine take what waits in the outbox. What it refuses, or all while it is out of reach, waits on. */
  async drain(): Promise<void> {
    await this.#applier.drain();
  }

  /** Brings the engine to what the database wants, whatever it has. */
  async converge(): Promise<void> {
    const { db, driver, settings } = this;
    const noted = await converge({ db, driver, settings, log: this.#log }, this.clock.now());
    if (noted > 0) await this.#applier.drain();
    await this.mendPortStatuses();
  }

  /** Makes the status of ports what the engine says of their wiring, should a word of its have got lost. */
  async mendPortStatuses(): Promise<void> {
    await this.#wiring.mend();
  }

  /** Hears of ports that go up, down or away. */
  onPort(listener: PortListener): void {
    this.#portListeners.push(listener);
  }

  /** Hears of hosts whose agent should look again where metadata is to be served. */
  onHostRewired(listener: (host: string) => void): void {
    this.#hostListeners.push(listener);
  }

  /** Finishes what is under way. */
  async stop(): Promise<void> {
    await this.#applier.stop();
    await this.#wiring.idle();
  }

  async #commit<Result>(change: (work: Work) => Promise<Result>) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#database.transaction<
          Tables,
          { result: Result; token: string | undefined; work: Work }
        >(async (db) => {
          const work = new Work({
            db,
            now: this.clock.now(),
            settings: this.settings,
            databaseKind: this.#database.kind,
          });
          const result = await change(work);
          return { result, token: await work.flush(), work };
        });
      } catch (error) {
        // what was looked at is no longer so: another request was quicker
        if (isForeignKeyViolation(error) || isUniqueViolation(error)) {
          throw conflict('The resource is in use or has just changed.', { type: 'Conflict' }, error);
        }
        if (!isDeadlock(error) || attempt === writeAttempts) throw error;
      }
    }
  }

  #tellListeners(event: Parameters<PortListener>[0]): void {
    for (const listener of this.#portListeners) listener(event);
  }
}

/** PostgreSQL let another transaction win; the next attempt sees what it did. */
function isDeadlock(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === '40P01' || code === '40001';
}
