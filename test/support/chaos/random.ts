/** Random choices that a seed repeats (mulberry32). */
export class Random {
  #state: number;

  /** Different streams of one seed are independent of each other. */
  constructor(seed: number, stream = 0) {
    this.#state = (seed ^ Math.imul(stream + 1, 0x9e3779b1)) >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of a list; each as often as its weight says, if there are weights. Throws when the list is empty. */
  pick<T>(list: readonly T[], weightOf: (item: T) => number = () => 1): T {
    let left = this.next() * list.reduce((sum, item) => sum + weightOf(item), 0);
    for (const item of list) if ((left -= weightOf(item)) < 0) return item;
    if (list.length === 0) throw new Error('nothing to pick from');
    return list.at(-1)!;
  }
}
