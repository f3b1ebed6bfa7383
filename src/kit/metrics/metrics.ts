type Labels = Readonly<Record<string, string | number>>;

/** Durations up to each limit, those above all of them, and all of them added up. */
interface Histogram {
  readonly counts: number[];
  sum: number;
}

interface Series<Value> {
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** By labels, as they are written. */
  readonly values: Map<string, Value>;
}

const bucketsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** Counters, gauges and histograms of this process in Prometheus's text format. */
export class Metrics {
  readonly #numbers = new Map<string, Series<number>>();
  readonly #histograms = new Map<string, Series<Histogram>>();
  readonly #collectors: (() => void)[] = [];

  /** Adds `by` to a counter. */
  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    const { values } = seriesOf(this.#numbers, name, help, 'counter');
    const key = text(labels);
    values.set(key, (values.get(key) ?? 0) + by);
  }

  /** Sets a gauge. */
  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    seriesOf(this.#numbers, name, help, 'gauge').values.set(text(labels), value);
  }

  /** Records a duration in a histogram; `name` ends in `_ms`. */
  observe(name: string, help: string, ms: number, labels: Labels = {}): void {
    const { values } = seriesOf(this.#histograms, name, help, 'histogram');
    const key = text(labels);
    let histogram = values.get(key);
    if (!histogram) values.set(key, (histogram = { counts: bucketsMs.map(() => 0).concat(0), sum: 0 }));
    const bucket = bucketsMs.findIndex((limit) => ms <= limit);
    histogram.counts[bucket < 0 ? bucketsMs.length : bucket]!++;
    histogram.sum += ms;
  }

  /** Runs before each rendering, to set gauges that are only known when asked. */
  onCollect(collector: () => void): void {
    this.#collectors.push(collector);
  }

  /** The exposition text. */
  render(): string {
    for (const collect of this.#collectors) collect();
    const lines: string[] = [];
    const head = (name: string, { help, type }: Series<unknown>) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [name, series] of this.#numbers) {
      head(name, series);
      for (const [labels, value] of series.values) lines.push(`${name}${braced(labels)} ${value}`);
    }
    for (const [name, series] of this.#histograms) {
      head(name, series);
      for (const [labels, histogram] of series.values) lines.push(...linesOf(name, labels, histogram));
    }
    return `${lines.join('\n')}\n`;
  }
}

function seriesOf<Value>(
  all: Map<string, Series<Value>>,
  name: string,
  help: string,
  type: Series<Value>['type'],
): Series<Value> {
  let series = all.get(name);
  if (!series) all.set(name, (series = { help, type, values: new Map() }));
  return series;
}

/** A histogram's buckets each count what the ones before do, and more. */
function linesOf(name: string, labels: string, { counts, sum }: Histogram): string[] {
  let below = 0;
  const buckets = [...bucketsMs, '+Inf'].map((limit, i) => {
    below += counts[i]!;
    return `${name}_bucket${braced(labels, `le="${limit}"`)} ${below}`;
  });
  return [...buckets, `${name}_sum${braced(labels)} ${sum}`, `${name}_count${braced(labels)} ${below}`];
}

const braced = (...labels: string[]): string => {
  const some = labels.filter((text) => text !== '').join(',');
  return some === '' ? '' : `{${some}}`;
};

/** Labels as they are written. Every request asks for this, so it is put together without ado. */
function text(labels: Labels): string {
  let all = '';
  for (const name in labels) {
    if (all !== '') all += ',';
    all += `${name}="${plain(labels[name]!)}"`;
  }
  return all;
}

const awkward = /["\\\n]/;

const plain = (value: string | number): string | number =>
  typeof value === 'string' && awkward.test(value) ? value.replaceAll(/["\\\n]/g, '_') : value;
