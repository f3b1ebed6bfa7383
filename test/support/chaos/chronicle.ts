import { appendFileSync } from 'node:fs';

/** What happened, in order, and what should not have: told when a test fails. */
export class Chronicle {
  /** What must not be, each a sentence. */
  readonly problems: string[] = [];
  readonly #lines: string[] = [];
  readonly #started = performance.now();
  readonly #kills = new Map<string, number[]>();
  readonly #counts = new Map<string, number>();
  readonly #file: string | undefined;

  /** `file`: where it is written as it happens, to watch. */
  constructor(file?: string) {
    this.#file = file;
  }

  note(who: string, what: string): void {
    const line = `${((performance.now() - this.#started) / 1000).toFixed(2).padStart(8)} ${who}: ${what}`;
    this.#lines.push(line);
    if (this.#file) appendFileSync(this.#file, `${line}\n`);
  }

  problem(who: string, what: string): void {
    this.note(who, `PROBLEM ${what}`);
    this.problems.push(`${who}: ${what}`);
  }

  /** Notes that a process was killed; `server` when it was a guest. */
  killed(what: string, server?: string): void {
    this.note('KILL', server ? `${what} ${server}` : what);
    this.count(`killed ${what}`);
    if (server) this.#kills.set(server, [...(this.#kills.get(server) ?? []), performance.now()]);
  }

  /** Whether a server's guest was killed at or after a moment of `performance.now()`. */
  guestDied(server: string, since: number): boolean {
    return this.#kills.get(server)?.some((at) => at >= since) ?? false;
  }

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** How often what was counted. */
  get summary(): string {
    return [...this.#counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => `${what} ${times}`)
      .join(', ');
  }

  /** All that happened. */
  get story(): string {
    return this.#lines.join('\n');
  }
}
