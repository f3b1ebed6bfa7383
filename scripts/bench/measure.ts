import type { CpuMeter } from './cpu.ts';
import { load, type LoadOptions, type Shots } from './load.ts';
import { peer } from './peer.ts';

/** A line of the report. */
export interface Row {
  /** The theme, a colon, and what is done. */
  readonly point: string;
  /** Milliseconds. */
  readonly p50: number;
  readonly perSecond: number;
  /** CPU milliseconds of all servers, for each request. */
  readonly cpu: number;
  readonly failed: number;
}

/** Measures points, prints each as it is done, and keeps what came of them. */
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

  /**
   * Makes requests for a while, several times over; a second of warming up is not counted. Told are the median of the CPU and
   * the best of the times, for whatever else the machine does can only make them longer.
   */
  async sustained(point: string, shots: Shots, concurrency: number): Promise<void> {
    await load(shots, { concurrency, seconds: Math.min(1, this.#seconds) });
    const runs: Row[] = [];
    for (let run = 0; run < this.#runs; run++)
      runs.push(await this.#run(point, shots, { concurrency, seconds: this.#seconds }));
    this.add({
      point,
      p50: Math.min(...runs.map(({ p50 }) => p50)),
      perSecond: Math.max(...runs.map(({ perSecond }) => perSecond)),
      cpu: median(runs.map(({ cpu }) => cpu)),
      failed: runs.reduce((sum, { failed }) => sum + failed, 0),
    });
  }

  /** Makes a number of requests once: for what cannot be repeated on the same object. */
  async counted(point: string, shots: Shots, concurrency: number, count: number): Promise<void> {
    this.add(await this.#run(point, shots, { concurrency, count }));
  }

  /** Measures work that is more than one request, done `count` times in a row. */
  async repeated(point: string, count: number, work: (n: number) => Promise<void>, units = 1): Promise<void> {
    const series = this.series(point, units);
    for (let n = 0; n < count; n++) await series.measure(() => work(n));
    series.report();
  }

  /**
   * Measures work again and again, with other things in between. Told are the median time of the whole of it and the mean of the
   * CPU; each time is `units` of what is told per second and per CPU millisecond: servers, megabytes.
   */
  series(point: string, units = 1): Series {
    const times: number[] = [];
    let cpu = 0;
    return {
      measure: async (work) => {
        const before = this.#cpu.read();
        const begun = performance.now();
        await work();
        times.push(performance.now() - begun);
        cpu += this.#cpu.read() - before;
      },
      report: () => {
        const p50 = median(times);
        const perSecond = (units * 1000) / p50;
        this.add({ point, p50, perSecond, cpu: cpu / (times.length * units), failed: 0 });
      },
    };
  }

  /** Notes times measured elsewhere, in milliseconds. */
  times(point: string, times: readonly number[], cpu = Number.NaN): void {
    this.add({ point, p50: median(times), perSecond: Number.NaN, cpu, failed: 0 });
  }

  add(row: Row): void {
    const theme = themeOf(row);
    if (this.rows.length === 0 || themeOf(this.rows.at(-1)!) !== theme) console.log(heading(theme));
    this.rows.push(row);
    console.log(format(row));
  }

  async #run(point: string, shots: Shots, options: LoadOptions): Promise<Row> {
    const before = this.#cpu.read();
    const result = await load(shots, options);
    return {
      point,
      p50: result.p50,
      perSecond: result.done / result.seconds,
      cpu: (this.#cpu.read() - before) / result.done,
      failed: result.failed,
    };
  }
}

/** See {@link Bench.series}. */
export interface Series {
  measure(work: () => Promise<void>): Promise<void>;
  /** Adds the row; the last thing asked of it. */
  report(): void;
}

/** The middle of some figures; the larger of the two middle ones. */
export const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!;

const themeOf = ({ point }: Row): string => point.split(':', 1)[0]!;

const line = (first: string, cells: readonly string[]): string =>
  `| ${[first.padEnd(38), ...cells.map((cell) => cell.padStart(7))].join(' | ')} |`;

const columns = ['ms', 'a sec.', 'CPU ms', 'peer ms', 'a sec.', 'CPU ms', 'less'];

/** What is above the rows of a theme: a table in Markdown. */
const heading = (theme: string): string =>
  [
    '',
    line(theme, columns),
    line(
      '-'.repeat(38),
      columns.map(() => '-'.repeat(6) + ':'),
    ),
  ].join('\n');

const format = ({ point, p50, perSecond, cpu, failed }: Row): string => {
  const theirs = peer[point] ?? {};
  const figures = [p50, perSecond, cpu, theirs.p50, theirs.perSecond, theirs.cpu].map(figure);
  const what = point.slice(point.indexOf(': ') + 2);
  return line(what, [...figures, times(theirs.cpu, cpu)]) + (failed > 0 ? ` ${failed} FAILED` : '');
};

/** Three digits are all that two runs agree on. */
const figure = (value: number | undefined): string => {
  if (value === undefined || Number.isNaN(value)) return '';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

const times = (theirs: number | undefined, ours: number): string =>
  theirs === undefined || Number.isNaN(ours) ? '' : `${(theirs / ours).toFixed(theirs / ours < 10 ? 1 : 0)}×`;
