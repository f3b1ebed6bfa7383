import type { PortListener } from '#contracts/network.ts';
import type { NetDriver } from '#drivers/net/driver.ts';
import type { Clock } from '#kit/clock/clock.ts';
import type { Logger } from '#kit/log/log.ts';

import type { Db } from '../tables.ts';
import { portStatuses, setPortStatus, type StatusRow } from './store.ts';

/** What {@link PortWiring} needs: where statuses are kept, and who tells what is wired. */
export interface PortWiringParts {
  readonly db: Db;
  readonly driver: NetDriver;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hears of ports that went up or down. */
  readonly changed: PortListener;
}

/** Ports looked at together. */
const chunk = 200;

/**
 * Keeps the status of ports as the engine says they are wired. One word of the engine's is noted after the other: of
 * two about the same port, told in the same moment, the later must win.
 */
export class PortWiring {
  readonly #parts: PortWiringParts;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: PortWiringParts) {
    this.#parts = parts;
    parts.driver.onPortStatus(({ portId, up }) => {
      this.#next(() => this.#note(portId, up)).catch((error: unknown) =>
        parts.log.error({ err: error, port: portId }, 'cannot note the status of a port'),
      );
    });
  }

  /** Notes what could not be noted when it was told, and what something else has written over. */
  async mend(): Promise<void> {
    // what is told meanwhile gets its turn between two pages
    for (let after: string | undefined = ''; after !== undefined && this.#parts.driver.connected;)
      after = await this.#next(() => this.#mendPage(after!));
  }

  /** Resolves when everything told so far is noted. */
  idle(): Promise<void> {
    return this.#last;
  }

  #next<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** Answers after which port the next page begins, undefined when this was the last. */
  async #mendPage(after: string): Promise<string | undefined> {
    const rows = await portStatuses(this.#parts.db, after, chunk);
    for (const row of rows) await this.#mendOne(row);
    return rows.length < chunk ? undefined : rows.at(-1)!.id;
  }

  async #mendOne({ id, status, binding_host_id: host }: StatusRow): Promise<void> {
    const told = this.#parts.driver.portStatus(id);
    // one that is still wired where it was before it moved is not up yet
    if (!told || told.up === (status === 'ACTIVE') || (told.up && told.host !== host)) return;
    await this.#note(id, told.up);
  }

  async #note(portId: string, up: boolean): Promise<void> {
    const { db, clock, changed } = this.#parts;
    const status = up ? 'ACTIVE' : 'DOWN';
    const port = await setPortStatus(db, portId, status, clock.now());
    if (port) changed({ portId, deviceId: port.deviceId, status });
  }
}
