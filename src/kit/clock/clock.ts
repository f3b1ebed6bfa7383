/** Where the time comes from. Services take a clock instead of calling `Date.now()`, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  #now: number;
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }
  now(): number {
    return this.#now;
  }
  /** Moves the clock forward by `ms` milliseconds. */
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** `2026-11-20T09:52:00Z`: Nova, Glance and Neutron timestamps. */
export const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** `2026-11-20T09:52:00.000000Z`: Keystone timestamps. */
export const isoMicros = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000Z`;

/** `2026-11-20T09:52:00.000000`, no zone: what some Nova and Placement fields show. */
export const isoMicrosNaive = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000`;

/**
 * Reads an ISO 8601 timestamp; one without a zone is UTC, as in every OpenStack API.
 * Returns milliseconds since the epoch, or undefined when it is not a timestamp.
 */
export function parseIso(text: string): number | undefined {
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const ms = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : ms;
}
