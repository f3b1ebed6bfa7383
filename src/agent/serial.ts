/** Runs tasks with the same key one after the other, in the order they came; tasks with different keys side by side. */
export class Serial {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves or rejects as `work` does; a task that failed does not stop those behind it. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine.then(
      () => {},
      () => {},
    );
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    return mine;
  }

  /** Waits for every task that was handed in. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }
}
