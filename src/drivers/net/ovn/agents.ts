import type { Clock } from '#kit/clock/clock.ts';

import type { NetAgent } from '../driver.ts';
import { isGatewayChassis, physicalNetworksOf } from './gateways.ts';
import type { Northbound } from './northbound.ts';
import type { Southbound } from './southbound.ts';

/** How often hypervisors are asked for a sign of life. */
const askEveryMs = 30_000;
/** How long a hypervisor may be silent, Neutron's `agent_down_time`. */
const deadAfterMs = 75_000;

/**
 * Which hypervisors there are and which live. Raising `nb_cfg` makes each write its own copy once it has caught up,
 * which is the sign of life; when it was seen is noted with our own clock, since the hypervisors' may be off.
 */
export class Agents {
  readonly #northbound: Northbound;
  readonly #southbound: Southbound;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  /** Last sign of life by chassis name. */
  readonly #seen = new Map<string, number>();
  #lastAsked = 0;

  constructor(northbound: Northbound, southbound: Southbound, clock: Clock) {
    this.#northbound = northbound;
    this.#southbound = southbound;
    this.#clock = clock;
    southbound.onChange('Chassis_Private', ({ before, after }) => {
      if (!after) this.#seen.delete(before!.name);
      else if (before) this.#seen.set(after.name, clock.now());
      // seen by whoever asked before we came
      else this.#seen.set(after.name, Math.min(after.nb_cfg_timestamp, clock.now()));
    });
    // of several control processes only the first to be due asks
    northbound.onChange('NB_Global', ({ before, after }) => {
      if (before?.nb_cfg !== after?.nb_cfg) this.#lastAsked = clock.now();
    });
    northbound.onSync(() => void this.#ask());
    this.#timer = setInterval(() => void this.#askWhenDue(), askEveryMs / 3).unref();
  }

  list(): NetAgent[] {
    return [...this.#southbound.tables.Chassis.rows()].map((chassis) => {
      const lastSeen = this.#seen.get(chassis.name) ?? 0;
      return {
        id: chassis.name,
        host: chassis.hostname,
        alive: this.#clock.now() - lastSeen < deadAfterMs,
        lastSeen,
        physicalNetworks: physicalNetworksOf(chassis),
        gateway: isGatewayChassis(chassis),
      };
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #askWhenDue(): Promise<void> {
    if (this.#clock.now() - this.#lastAsked >= askEveryMs) await this.#ask();
  }

  async #ask(): Promise<void> {
    this.#lastAsked = this.#clock.now();
    // the database being away is told by those who need it
    await this.#northbound.increment('NB_Global', 'nb_cfg').catch(() => {});
  }
}
