import type { CpuMeter } from './cpu.ts';
import { load, type LoadOptions, type LoadResult, type Shots } from './load.ts';

/** A line of the report. */
export interface Row {
  readonly point: string;
  /** Milliseconds. */
  readonly p50: number;
  readonly perSecond: number;
  /** CPU milliseconds of all servers, for each request. */
  readonly cpu: number;
  readonly failed: number;
}

/** Measures points and keeps what came of them. */
export class Bench {
  readonly rows: Row[] = [];
  readonly #cpu: CpuMeter;
  readonly #seconds: number;
  readonly #runs: number;

  constructor(cpu: CpuMeter, options: { seconds: number; runs: number }) {
    this.#cpu = cpu;
    this.#seconds = options.seconds;
    this.#runs = options.runs;
  }

  /** Makes requests for a while, several times over, and keeps the run with the median CPU. A second of warming up is not counted. */
  async sustained(point: string, shots: Shots, concurrency: number): Promise<void> {
    await load(shots, { concurrency, seconds: Math.min(1, this.#seconds) });
    const runs: Row[] = [];
    for (let run = 0; run < this.#runs; run++)
      runs.push(await this.#run(point, shots, { concurrency, seconds: this.#seconds }));
    runs.sort((a, b) => a.cpu - b.cpu);
    this.add(runs[Math.floor(runs.length / 2)]!);
  }

  /** Makes a number of requests once: for what cannot be repeated on the same object. */
  async counted(point: string, shots: Shots, concurrency: number, count: number): Promise<void> {
    this.add(await this.#run(point, shots, { concurrency, count }));
  }

  /** Measures work that is more than one request, done `count` times in a row; `p50` is of the whole of it. */
  async repeated(point: string, count: number, work: (n: number) => Promise<void>): Promise<void> {
    const times: number[] = [];
    const before = this.#cpu.read();
    const started = performance.now();
    for (let n = 0; n < count; n++) {
      const begun = performance.now();
      await work(n);
      times.push(performance.now() - begun);
    }
    const seconds = (performance.now() - started) / 1000;
    times.sort((a, b) => a - b);
    this.add({
      point,
      p50: times[Math.floor(times.length / 2)]!,
      perSecond: count / seconds,
      cpu: (this.#cpu.read() - before) / count,
      failed: 0,
    });
  }

  add(row: Row): void {
    this.rows.push(row);
    console.log(format(row));
  }

  async #run(point: string, shots: Shots, options: LoadOptions): Promise<Row> {
    const before = this.#cpu.read();
    const result: LoadResult = await load(shots, options);
    return {
      point,
      p50: result.p50,
      perSecond: result.done / result.seconds,
      cpu: (this.#cpu.read() - before) / result.done,
      failed: result.failed,
    };
  }
}

/** The head of the columns {@link format} prints. */
export const heading = `${'point'.padEnd(38)} ${'p50 ms'.padStart(9)} ${'per s'.padStart(9)} ${'CPU ms'.padStart(9)}`;

export const format = ({ point, p50, perSecond, cpu, failed }: Row): string =>
  [
    point.padEnd(38),
    p50.toFixed(2).padStart(9),
    perSecond.toFixed(perSecond < 100 ? 1 : 0).padStart(9),
    cpu.toFixed(3).padStart(9),
    ...(failed > 0 ? [`${failed} FAILED`] : []),
  ].join(' ');
