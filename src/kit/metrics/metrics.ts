type Labels = Readonly<Record<string, string | number>>;

interface Series {
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: Map<string, number>;
}

const bucketsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** Counters, gauges and histograms of this process in Prometheus's text format. */
export class Metrics {
  readonly #series = new Map<string, Series>();
  readonly #collectors: (() => void)[] = [];

  /** Adds `by` to a counter. */
  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    const { values } = this.#get(name, help, 'counter');
    const key = name + text(labels);
    values.set(key, (values.get(key) ?? 0) + by);
  }

  /** Sets a gauge. */
  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#get(name, help, 'gauge').values.set(name + text(labels), value);
  }

  /** Records a duration in a histogram; `name` ends in `_ms`. */
  observe(name: string, help: string, ms: number, labels: Labels = {}): void {
    const { values } = this.#get(name, help, 'histogram');
    const add = (key: string, by: number) => values.set(key, (values.get(key) ?? 0) + by);
    for (const limit of bucketsMs) if (ms <= limit) add(`${name}_bucket${text({ ...labels, le: limit })}`, 1);
    add(`${name}_bucket${text({ ...labels, le: '+Inf' })}`, 1);
    add(`${name}_sum${text(labels)}`, ms);
    add(`${name}_count${text(labels)}`, 1);
  }

  /** Runs before each rendering, to set gauges that are only known when asked. */
  onCollect(collector: () => void): void {
    this.#collectors.push(collector);
  }

  /** The exposition text. */
  render(): string {
    for (const collect of this.#collectors) collect();
    const lines: string[] = [];
    for (const [name, { help, type, values }] of this.#series) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [key, value] of values) lines.push(`${key} ${value}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #get(name: string, help: string, type: Series['type']): Series {
    let series = this.#series.get(name);
    if (!series) this.#series.set(name, (series = { help, type, values: new Map() }));
    return series;
  }
}

function text(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([key, value]) => `${key}="${String(value).replaceAll(/["\\\n]/g, '_')}"`,
  );
  return pairs.length ? `{${pairs.join(',')}}` : '';
}
