import { messageOf } from '../errors/cloud-error.ts';
import type { Logger } from '../log/log.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** Periodic convergence without input: it looks at how things are and makes them as they should be. */
export interface Loop {
  /** Unique, e.g. `compute.heartbeats`. */
  readonly name: string;
  readonly everyMs: number;
  /** One round. Throwing is logged and counted; the next round comes all the same. */
  run(): Promise<void>;
}

/** Runs loops, each never twice at once, first round one period after the start. */
export class Loops {
  readonly #loops = new Map<string, Loop>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Map<string, Promise<void>>();
  readonly #log: Logger;
  readonly #metrics: Metrics | undefined;

  constructor(log: Logger, metrics?: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  add(...loops: Loop[]): void {
    for (const loop of loops) {
      if (this.#loops.has(loop.name)) throw new Error(`loop ${loop.name} is registered twice`);
      this.#loops.set(loop.name, loop);
    }
  }

  start(): void {
    for (const loop of this.#loops.values()) {
      this.#timers.push(setInterval(() => void this.runOnce(loop.name), loop.everyMs).unref());
    }
  }

  /** One round of a loop now, or the round already under way. Never throws. */
  runOnce(name: string): Promise<void> {
    const loop = this.#loops.get(name);
    if (!loop) throw new Error(`no such loop: ${name}`);
    let round = this.#running.get(name);
    if (!round) {
      round = this.#round(loop).finally(() => this.#running.delete(name));
      this.#running.set(name, round);
    }
    return round;
  }

  /** Every loop once, one after the other: what tests do instead of waiting. */
  async runAll(): Promise<void> {
    for (const name of this.#loops.keys()) await this.runOnce(name);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running.values());
  }

  async #round(loop: Loop): Promise<void> {
    const started = performance.now();
    try {
      await loop.run();
    } catch (error) {
      this.#log.error({ err: error, loop: loop.name }, `loop failed: ${messageOf(error)}`);
      this.#metrics?.count('stratalith_loop_failures_total', 'Rounds of a loop that failed.', {
        loop: loop.name,
      });
    }
    this.#metrics?.observe('stratalith_loop_ms', 'Duration of a loop round.', performance.now() - started, {
      loop: loop.name,
    });
  }
}
