import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '#kit/clock/clock.ts';

/** How many passwords are known at once; beyond that, those that were proved longest ago are forgotten. */
const most = 10_000;

interface Known {
  readonly mac: Buffer;
  readonly provedAt: number;
}

/**
 * Passwords that were proved to have their hash a short time ago, so that they need not be hashed again: with clients that
 * log in for every command, nearly all. In memory only, and not the passwords but their MACs under a key of this process.
 * Whoever is wrong once makes the password forgotten, so that the time an answer takes tells one guess at the most.
 */
export class KnownPasswords {
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #key = randomBytes(32);
  /** By stored hash: another password has another one. Those proved longest ago come first. */
  readonly #known = new Map<string, Known>();

  /** `lifetimeMs` counts from when a password was last hashed; 0 knows none. */
  constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Whether the password was proved to have this hash. Forgets the one that was, when it is another. */
  has(password: Uint8Array, hashed: string): boolean {
    const known = this.#known.get(hashed);
    if (known && this.#isFresh(known) && timingSafeEqual(known.mac, this.#mac(password))) return true;
    this.#known.delete(hashed);
    return false;
  }

  /** Notes that a password has a hash. */
  add(password: Uint8Array, hashed: string): void {
    if (this.#lifetimeMs === 0) return;
    this.#known.delete(hashed);
    this.#known.set(hashed, { mac: this.#mac(password), provedAt: this.#clock.now() });
    for (const [oldest, known] of this.#known) {
      if (this.#known.size <= most && this.#isFresh(known)) return;
      this.#known.delete(oldest);
    }
  }

  #isFresh({ provedAt }: Known): boolean {
    const age = this.#clock.now() - provedAt;
    // a clock that was set back must not lengthen it
    return age >= 0 && age < this.#lifetimeMs;
  }

  #mac(password: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(password).digest();
  }
}
