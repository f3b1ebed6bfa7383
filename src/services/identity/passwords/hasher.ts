import { availableParallelism } from 'node:os';

import { compare, hash } from '@node-rs/bcrypt';

import type { KnownPasswords } from './known-passwords.ts';

// what bcrypt looks at; Keystone cuts longer passwords there too
const longest = 72;

// bcrypt runs in libuv's pool, where the database's commits and file access must find a thread as well
const poolSize = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
const mostAtOnce = Math.max(1, Math.min(availableParallelism(), Math.floor(poolSize / 2)));

/** Hashes and checks passwords with bcrypt, off the main thread and only so many at once. */
export class PasswordHasher {
  readonly #rounds: number;
  readonly #known: KnownPasswords | undefined;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Checked against when there is no password, so that an unknown user takes as long as a wrong password. */
  #decoy: string | undefined;

  /** `rounds` is bcrypt's cost, a power of two. What is among `known` is not hashed again. */
  constructor(rounds: number, known?: KnownPasswords) {
    this.#rounds = rounds;
    this.#known = known;
  }

  /** The hash of a password in the form `$2b$…`, which Keystone reads as well. Past 72 bytes nothing counts. */
  hash(password: string): Promise<string> {
    return this.#queue(() => hash(bytesOf(password), this.#rounds));
  }

  /** Whether a password has this hash; always false, but not sooner, without a hash. */
  async verify(password: string, hashed: string | null | undefined): Promise<boolean> {
    if (hashed) return this.#compare(bytesOf(password), hashed);
    const decoy = (this.#decoy ??= await this.hash('nobody has this password'));
    await this.#queue(() => compare(bytesOf(password), decoy));
    return false;
  }

  async #compare(password: Uint8Array, hashed: string): Promise<boolean> {
    if (this.#known?.has(password, hashed)) return true;
    const matches = await this.#queue(() => compare(password, hashed));
    if (matches) this.#known?.add(password, hashed);
    return matches;
  }

  async #queue<Result>(work: () => Promise<Result>): Promise<Result> {
    // a finished one hands its place over, so that nobody slips in between
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

const bytesOf = (password: string): Uint8Array => Buffer.from(password, 'utf8').subarray(0, longest);
