/** Mutual exclusion between asynchronous tasks of this process, first come first served. */
export class Mutex {
  readonly #timeoutMs: number;
  readonly #name: string;
  readonly #waiting: (() => void)[] = [];
  #held = false;

  /** `name` says in the error what could not be had within `timeoutMs`. */
  constructor(timeoutMs: number, name: string) {
    this.#timeoutMs = timeoutMs;
    this.#name = name;
  }

  /** Waits for the lock; the answer gives it back and must be called once. Throws after the time-out. */
  async acquire(): Promise<() => void> {
    if (this.#held) await this.#wait();
    this.#held = true;
    return () => {
      const next = this.#waiting.shift();
      // handed over directly, so that nobody slips in between
      if (next) next();
      else this.#held = false;
    };
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        reject(new Error(`timed out waiting for ${this.#name}: is a transaction waiting for itself?`));
      }, this.#timeoutMs);
      const wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push(wake);
    });
  }
}
