import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { type FernetKey, newKeyText, type Opened, parseKey, seal, unseal } from './fernet.ts';

const staged = '0';
const reloadEveryMs = 1000;
const abandonedAfterMs = 60_000;

/**
 * Fernet keys as Keystone keeps them: a directory of files named by numbers. `0` is staged, the highest number is the
 * primary that encrypts, all of them decrypt. A rotation makes the staged key the primary, so that a process that has
 * not yet seen it can read the new tokens all the same. One directory serves Keystone and this program alike.
 */
export class KeyRepository {
  readonly #directory: string;
  readonly #maxActive: number;
  #keys: readonly FernetKey[] = [];
  #loadedAt = 0;

  /** `directory` is absolute; `maxActive` counts the staged key, the primary and those that only decrypt. */
  constructor(directory: string, maxActive: number) {
    this.#directory = directory;
    this.#maxActive = maxActive;
  }

  /** Makes the directory (0700) and its first two keys (0600) unless they are there, and loads them. */
  open(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    if (!existsSync(this.#path(staged)) && this.#numbers().length === 0) {
      this.#stage();
      this.rotate();
    }
    this.reload();
    if (this.#keys.length === 0) throw new Error(`no usable Fernet key in ${this.#directory}`);
  }

  /** Encrypts with the primary key; `createdAt` is in whole seconds since the epoch. */
  seal(payload: Uint8Array, createdAt: number): string {
    return seal(this.#keys[0]!, payload, createdAt);
  }

  /** Decrypts with any key; undefined when none fits. Keys that appeared meanwhile are looked for, once a second. */
  unseal(token: string): Opened | undefined {
    const opened = unseal(this.#keys, token);
    if (opened || performance.now() - this.#loadedAt < reloadEveryMs) return opened;
    this.reload();
    return unseal(this.#keys, token);
  }

  /** Promotes the staged key to primary, stages a new one and removes the oldest beyond the limit. */
  rotate(): void {
    const numbers = this.#numbers();
    const text = this.#writeTemporary();
    if (numbers.includes(0)) {
      const primary = Math.max(...numbers) + 1;
      renameSync(this.#path(staged), this.#path(String(primary)));
      numbers.push(primary);
    }
    renameSync(text, this.#path(staged));
    const old = numbers.filter((n) => n !== 0).sort((a, b) => a - b);
    for (const number of old.slice(0, Math.max(0, old.length - (this.#maxActive - 1))))
      rmSync(this.#path(String(number)), { force: true });
    this.#sync();
    this.reload();
  }

  /** When the keys were last rotated, in milliseconds since the epoch: each rotation stages a fresh key. */
  get rotatedAt(): number {
    return statSync(this.#path(staged), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  /** Reads the keys again: another process may have rotated them. */
  reload(): void {
    const numbers = this.#numbers().sort((a, b) => b - a);
    this.#keys = numbers.flatMap((n) => readKey(this.#path(String(n))) ?? []);
    this.#loadedAt = performance.now();
  }

  #numbers(): number[] {
    return readdirSync(this.#directory)
      .filter((name) => /^(0|[1-9]\d*)$/.test(name))
      .map(Number);
  }

  #stage(): void {
    renameSync(this.#writeTemporary(), this.#path(staged));
  }

  /** Writes a new key beside the others. Fails when somebody else is just doing so: two rotations never mix. */
  #writeTemporary(): string {
    const path = this.#path('0.tmp');
    const left = statSync(path, { throwIfNoEntry: false });
    if (left && Date.now() - left.mtimeMs > abandonedAfterMs) rmSync(path);
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, newKeyText());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return path;
  }

  #sync(): void {
    const directory = openSync(this.#directory, 'r');
    fsyncSync(directory);
    closeSync(directory);
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/** A key file's key; undefined for what is no key, or was renamed by a rotation since the directory was read. */
function readKey(path: string): FernetKey | undefined {
  try {
    return parseKey(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
