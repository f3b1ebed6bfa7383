/** Where the time comes from. Services take a clock instead of calling `Date.now()`, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The clock of the machine. */
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

// what Python's iso8601 takes: dates and times in both forms, cut short anywhere
const iso8601 =
  /^(\d{4})(?:(?:-(\d{1,2})|(\d{2})(?!$))(?:(?:-(\d{1,2})|(\d{2}))(?:[ T](\d{2})(?::?(\d{2}))?(?::?(\d{1,2})(?:[.,](\d+))?)?(Z|[+-]\d{2}:?(?:\d{2})?)?)?)?)?$/;

/**
 * Reads an ISO 8601 timestamp as oslo.utils does: what is left out at its end is the earliest, without a zone it is UTC.
 * Returns milliseconds since the epoch, or undefined when it is not a timestamp.
 */
export function parseIso(text: string): number | undefined {
  const found = iso8601.exec(text);
  if (!found) return undefined;
  const [, year, month, bareMonth, day, bareDay, hour, minute, second, fraction, zone] = found;
  const part = (digits: string | undefined, least = 0) => (digits === undefined ? least : Number(digits));
  const months = part(month ?? bareMonth, 1) - 1;
  const days = part(day ?? bareDay, 1);
  const [hours, minutes, seconds] = [part(hour), part(minute), part(second)];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const date = new Date(Date.UTC(part(year), months, days, hours, minutes, seconds));
  // a month or day that does not exist has become another
  if (date.getUTCMonth() !== months || date.getUTCDate() !== days) return undefined;
  const milliseconds = Math.trunc(Number(`0.${fraction ?? 0}`) * 1000);
  return date.getTime() + milliseconds - offsetOf(zone) * 60_000;
}

/** Minutes that a zone is ahead of UTC. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return zone.startsWith('-') ? -minutes : minutes;
}
