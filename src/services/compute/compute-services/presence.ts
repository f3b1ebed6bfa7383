import type { Clock } from '#kit/clock/clock.ts';

import type { Service } from './store.ts';

/**
 * Which services are alive. What this process heard last is kept in memory, since heartbeats come often and must cost
 * nothing; the database, written seldom, tells what other control processes heard.
 */
export class Presence {
  readonly #clock: Clock;
  readonly #downAfterMs: number;
  readonly #seen = new Map<number, number>();
  readonly #gone = new Set<number>();
  #begunAt = 0;
  /** How long no control process ran before this one, in milliseconds. */
  #unheardMs = 0;

  constructor(clock: Clock, downAfterMs: number) {
    this.#clock = clock;
    this.#downAfterMs = downAfterMs;
  }

  /** Begins to listen; `lastHeardAt` is when a control process listened last. */
  begin(lastHeardAt: number): void {
    this.#begunAt = this.#clock.now();
    this.#unheardMs = this.#begunAt - lastHeardAt;
  }

  /** Notes a sign of life. */
  heard(serviceId: number): void {
    this.#seen.set(serviceId, this.#clock.now());
    this.#gone.delete(serviceId);
  }

  /** Notes that a service's connection is gone: it is down until it is heard of again. */
  lost(serviceId: number): void {
    this.#gone.add(serviceId);
  }

  /** Forgets a deleted service. */
  forget(serviceId: number): void {
    this.#seen.delete(serviceId);
    this.#gone.delete(serviceId);
  }

  /** When a service was last heard of, in milliseconds. */
  lastSeen(service: Service): number {
    return Math.max(service.lastSeenAt, this.#seen.get(service.id) ?? 0);
  }

  /** Whether a service is up: not forced down, not gone, and heard of lately. */
  isUp(service: Service): boolean {
    if (service.forcedDown || this.#gone.has(service.id)) return false;
    return this.#clock.now() - this.lastSeen(service) <= this.#downAfterMs;
  }
  /**
   * Whether a service is up or should be again in a moment: it was heard of lately, though it may be gone. Time in which
   * nobody listened does not count.
   */
  isExpected(service: Service): boolean {
    if (service.forcedDown) return false;
    const lastSeen = this.lastSeen(service);
    const excused = lastSeen < this.#begunAt ? this.#unheardMs : 0;
    return this.#clock.now() - lastSeen - excused <= this.#downAfterMs;
  }
}
