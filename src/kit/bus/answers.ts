const keepMs = 10 * 60_000;
const keepAtMost = 10_000;

/** Answers by idempotency key, so that a call repeated after a lost answer is not carried out twice. */
export class Answers {
  readonly #byKey = new Map<string, { at: number; answer: Promise<unknown> }>();

  /** Runs `work` unless a call with this key ran, or runs, here already. A failed call may be tried again. */
  once(key: string | undefined, work: () => Promise<unknown>): Promise<unknown> {
    if (key === undefined) return work();
    const known = this.#byKey.get(key);
    if (known) return known.answer;
    const answer = work();
    this.#byKey.set(key, { at: Date.now(), answer });
    answer.catch(() => this.#byKey.delete(key));
    this.#forget();
    return answer;
  }

  #forget(): void {
    const limit = Date.now() - keepMs;
    for (const [key, { at }] of this.#byKey) {
      if (at >= limit && this.#byKey.size <= keepAtMost) return;
      this.#byKey.delete(key);
    }
  }
}
