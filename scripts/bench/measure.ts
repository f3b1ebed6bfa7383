import type { CpuMeter } from './cpu.ts';
import { load, type LoadOptions, type LoadResult, type Shots } from './load.ts';
import { peer } from './peer.ts';

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

  /**
   * Measures work that is more than one request, done `count` times in a row; `p50` is of the whole of it. Each is `units` of
   * what is told per second and per CPU millisecond: servers, megabytes.
   */
  async repeated(point: string, count: number, work: (n: number) => Promise<void>, units = 1): Promise<void> {
    const times: number[] = [];
    const before = this.#cpu.read();
    const started = performance.now();
    for (let n = 0; n < count; n++) {
      const begun = performance.now();
      await work(n);
      times.push(performance.now() - begun);
    }
    const seconds = (performance.now() - started) / 1000;
    this.add({
      point,
      p50: median(times),
      perSecond: (count * units) / seconds,
      cpu: (this.#cpu.read() - before) / (count * units),
      failed: 0,
    });
  }

  /** Notes times measured elsewhere, in milliseconds. */
  times(point: string, times: readonly number[], cpu = Number.NaN): void {
    this.add({ point, p50: median(times), perSecond: Number.NaN, cpu, failed: 0 });
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

const median = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

const columns = (point: string, cells: readonly string[]): string =>
  [point.padEnd(38), ...cells.map((cell) => cell.padStart(9))].join(' ');

/** The head of the columns {@link format} prints: ours, the peer's, and how many times less CPU (or time) ours took. */
export const heading = [
  columns('', ['', 'ours', '', '', 'the peer', '', '']),
  columns('point', ['p50 ms', 'per s', 'CPU ms', 'p50 ms', 'per s', 'CPU ms', 'less CPU']),
].join('\n');

export const format = ({ point, p50, perSecond, cpu, failed }: Row): string => {
  const theirs = peer[point] ?? {};
  return columns(point, [
    figure(p50),
    figure(perSecond),
    figure(cpu),
    figure(theirs.p50),
    figure(theirs.perSecond),
    figure(theirs.cpu),
    times(theirs.cpu, cpu),
    ...(failed > 0 ? [`${failed} FAILED`] : []),
  ]);
};

/** Three digits are all that two runs agree on. */
const figure = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return '';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

const times = (theirs: number | undefined, ours: number): string =>
  theirs === undefined || Number.isNaN(ours) ? '' : `${(theirs / ours).toFixed(theirs / ours < 10 ? 1 : 0)}×`;
