/** What is measured and done; a test has its own. */
export interface IdleMemoryParts {
  /** CPU time this process has used, in milliseconds. */
  readonly cpuMs: () => number;
  /** Collects garbage and gives every free page back to the system. */
  readonly collect: () => void;
}

/** How often it is looked, and at most how much CPU a process may use between two looks and be idle, in milliseconds. */
const lookMs = 10_000;
const idleCpuMs = 100;
/** CPU time after which there may be something to give back. */
const workedMs = 5000;

/**
 * Gives memory back once a process rests: after its start, and after much work. V8 keeps whatever it once needed, three
 * times the rest after some large lists; taking it back stops everything for a tenth of a second, hence only when idle.
 */
export class IdleMemory {
  readonly #parts: IdleMemoryParts;
  #seen: number;
  /** What had been used when memory was given back last. */
  #settled = -workedMs;
  #restful = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: IdleMemoryParts) {
    this.#parts = parts;
    this.#seen = parts.cpuMs();
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once: two looks in a row without work in between, and there was much before, are a time to collect. */
  look(): void {
    const used = this.#parts.cpuMs();
    this.#restful = used - this.#seen < idleCpuMs ? this.#restful + 1 : 0;
    this.#seen = used;
    if (this.#restful < 2 || used - this.#settled < workedMs) return;
    this.#parts.collect();
    this.#seen = this.#parts.cpuMs();
    this.#settled = this.#seen;
  }
}

/** This very process; undefined unless it runs with `--expose-gc`. */
export function ownMemory(): IdleMemoryParts | undefined {
  const { gc } = globalThis;
  if (!gc) return undefined;
  return {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    // others keep the pages they free
    collect: () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  };
}
