import type { Changes } from './changes.ts';

/** Something read from the database and kept until a change to Identity makes it stale. */
export class Remembered<Value> {
  readonly #changes: Changes;
  readonly #load: () => Promise<Value>;
  #kept: { readonly revision: number; readonly value: Value } | undefined;

  constructor(changes: Changes, load: () => Promise<Value>) {
    this.#changes = changes;
    this.#load = load;
  }

  /** The value as it is now; without a promise when it is at hand. */
  get(): Value | Promise<Value> {
    const revision = this.#changes.current();
    if (revision instanceof Promise) return revision.then((now) => this.#at(now));
    return this.#at(revision);
  }

  #at(revision: number): Value | Promise<Value> {
    if (this.#kept?.revision === revision) return this.#kept.value;
    return this.#load().then((value) => {
      // read after `revision` was known: at worst newer than it says, and then read once more
      this.#kept = { revision, value };
      return value;
    });
  }
}
