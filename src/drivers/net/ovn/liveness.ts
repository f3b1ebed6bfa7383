import type { Clock } from '#kit/clock/clock.ts';

import type { Northbound } from './northbound.ts';
import type { Southbound } from './southbound.ts';

/** How often hypervisors are asked for a sign of life. */
const askEveryMs = 30_000;
/** How long a hypervisor may be silent, Neutron's `agent_down_time`. */
const deadAfterMs = 75_000;
const lookEveryMs = 10_000;

/**
 * Which hypervisors live. Raising `nb_cfg` makes each write its own copy once it has caught up, which is the sign of
 * life; when it was seen is noted with our own clock, since the hypervisors' may be off.
 */
export class Liveness {
  readonly #northbound: Northbound;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  /** Last sign of life by chassis name. */
  readonly #seen = new Map<string, number>();
  #lastAsked = 0;
  #dead = '';

  /** `changed` is told when a hypervisor has died or come back to life. */
  constructor(northbound: Northbound, southbound: Southbound, clock: Clock, changed: () => void) {
    this.#northbound = northbound;
    this.#clock = clock;
    southbound.onChange('Chassis_Private', ({ before, after }) => {
      if (!after) this.#seen.delete(before!.name);
      else if (before) this.#seen.set(after.name, clock.now());
      // seen by whoever asked before we came; one that was never asked has just joined
      else this.#seen.set(after.name, Math.min(after.nb_cfg_timestamp || Infinity, clock.now()));
    });
    // of several control processes only the first to be due asks
    northbound.onChange('NB_Global', ({ before, after }) => {
      if (before?.nb_cfg !== after?.nb_cfg) this.#lastAsked = clock.now();
    });
    northbound.onSync(() => void this.#ask());
    this.#timer = setInterval(() => this.#look(changed), lookEveryMs).unref();
  }

  /** When a chassis last gave a sign of life, 0 for never. */
  lastSeen(chassis: string): number {
    return this.#seen.get(chassis) ?? 0;
  }

  isAlive(chassis: string): boolean {
    return this.#clock.now() - this.lastSeen(chassis) < deadAfterMs;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(changed: () => void): void {
    if (this.#clock.now() - this.#lastAsked >= askEveryMs) void this.#ask();
    const dead = [...this.#seen.keys()].filter((chassis) => !this.isAlive(chassis)).join(' ');
    if (dead !== this.#dead) changed();
    this.#dead = dead;
  }

  async #ask(): Promise<void> {
    this.#lastAsked = this.#clock.now();
    // the database being away is told by those who need it
    await this.#northbound.increment('NB_Global', 'nb_cfg').catch(() => {});
  }
}
