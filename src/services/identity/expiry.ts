import { badRequest } from '#kit/errors/cloud-error.ts';

/**
 * Ends of application credentials and trusts: microseconds since the epoch, since callers get back what they gave. From
 * the year 2255 on they are more than a number holds exactly.
 */
export type Micros = bigint;

/** Reads a time to come; one without a zone is UTC. Throws `badRequest` for what is no time, or is over. */
export function parseExpiry(text: string, nowMs: number): Micros {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?Z?$/.exec(text);
  const seconds = parts ? Date.parse(`${parts[1]}Z`) : Number.NaN;
  if (Number.isNaN(seconds)) {
    throw badRequest(
      'Timestamp not in expected format. The server could not comply with the request since it is either malformed ' +
        'or otherwise incorrect. The client is assumed to be in error.',
    );
  }
  const micros = BigInt(seconds) * 1000n + BigInt((parts![2] ?? '').padEnd(6, '0'));
  if (micros <= nowMs * 1000) {
    throw badRequest(
      "The 'expires_at' must not be before now. The server could not comply with the request since it is either " +
        'malformed or otherwise incorrect. The client is assumed to be in error.',
    );
  }
  return micros;
}

/** `2026-11-20T09:52:00.123456`, without a zone. */
export function isoOfMicros(micros: Micros): string {
  const seconds = new Date(msOf(micros)).toISOString().slice(0, 19);
  return `${seconds}.${String(micros % 1_000_000n).padStart(6, '0')}`;
}

/** The last whole millisecond before an end; Infinity where there is none. */
export const msOf = (micros: Micros | null): number => (micros === null ? Infinity : Number(micros / 1000n));

/** An end as stores read it: as text, since SQLite's driver throws for an integer that no number holds exactly. */
export const microsOf = (text: string | null): Micros | null => (text === null ? null : BigInt(text));
