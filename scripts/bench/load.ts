import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request to be made over and over. */
export interface Shot {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How hard and how long; of `seconds`, `count` and `during` exactly one is given. */
export interface LoadOptions {
  /** How many requests are under way at any time. */
  readonly concurrency: number;
  /** How long to go on; or how many requests to make; or what to go on for until it is done. */
  readonly seconds?: number;
  readonly count?: number;
  readonly during?: Promise<unknown>;
}

/** What came of it; times in milliseconds. */
export interface LoadResult {
  readonly done: number;
  /** Answers above 399 and broken connections. */
  readonly failed: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** Makes the `n`th request of a run; a plain {@link Shot} is the same each time. */
export type Shots = Shot | ((n: number) => Shot);

/** Makes requests from a number of connections at once, each as soon as its last is answered. */
export async function load(shots: Shots, options: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.concurrency });
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const started = performance.now();
  let end = options.seconds === undefined ? Infinity : started + options.seconds * 1000;
  const during = options.during?.finally(() => {
    end = 0;
  });
  const worker = async (): Promise<void> => {
    while (performance.now() < end && next < (options.count ?? Infinity)) {
      const shot = typeof shots === 'function' ? shots(next) : shots;
      next++;
      const sent = performance.now();
      const status = await fire(shot, agent).catch(() => 599);
      times.push(performance.now() - sent);
      if (status > 399) failed++;
    }
  };
  await Promise.all([during, ...Array.from({ length: options.concurrency }, worker)]);
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    done: times.length,
    failed,
    seconds: (performance.now() - started) / 1000,
    p50: at(0.5),
    p99: at(0.99),
  };
}

/** Sends one request and reads its answer to the end; the status. */
function fire({ method = 'GET', url, headers, body }: Shot, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        agent,
        headers: {
          ...headers,
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          }),
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 599));
        response.once('error', reject);
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Calls `probe` every 20 ms until it is true; throws when it is not within two minutes. */
export async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 120_000; !(await probe()); await sleep(20))
    if (Date.now() > end) throw new Error(`still waiting for: ${what}`);
}
