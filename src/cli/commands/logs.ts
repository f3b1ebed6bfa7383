import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { readableLine } from '../log-line.ts';
import { dataDirectory, type GlobalOptions } from '../machine/context.ts';
import { UserError } from '../output.ts';

interface LogsOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly lines: number;
  readonly json?: boolean;
}

const pollMs = 300;

/** Prints the ends of the logs, and with `-f` what comes after. */
export async function run(options: LogsOptions): Promise<void> {
  const layout = dataDirectory(options);
  const names = existsSync(layout.log)
    ? readdirSync(layout.log).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -4)] : []))
    : [];
  if (names.length === 0)
    throw new UserError(`there are no logs in ${layout.log}: no cloud was started there`);
  const [wanted] = options.arguments;
  if (wanted !== undefined && !names.includes(wanted))
    throw new UserError(`there is no log of ${wanted}`, `there are: ${names.join(', ')}`);
  const shown = wanted === undefined ? names : [wanted];
  const files = shown.map((name) => new LogFile(name, join(layout.log, `${name}.log`)));
  const print = (file: LogFile, texts: readonly string[]): void => {
    const label = shown.length > 1 ? `${file.name.padEnd(Math.max(...shown.map((n) => n.length)))} ` : '';
    for (const text of texts) process.stdout.write(`${label}${options.json ? text : readableLine(text)}\n`);
  };
  for (const file of files) print(file, file.tail(options.lines));
  while (options.follow && !process.stdout.errored) {
    await sleep(pollMs);
    for (const file of files) print(file, file.more());
  }
}

/** A log file being read from its end on. */
class LogFile {
  readonly name: string;
  readonly #path: string;
  #offset = 0;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
  }

  /** The last `count` lines; {@link more} goes on after them. */
  tail(count: number): string[] {
    const enough = 1 << 20;
    return this.#read((size) => Math.max(0, size - enough)).slice(count === 0 ? Infinity : -count);
  }

  /** What was appended since. */
  more(): string[] {
    // a log set aside starts anew
    return this.#read((size) => (size < this.#offset ? 0 : this.#offset));
  }

  #read(from: (size: number) => number): string[] {
    const file = openSync(this.#path, 'r');
    try {
      const { size } = fstatSync(file);
      const start = from(size);
      const chunk = Buffer.alloc(size - start);
      const read = chunk.subarray(0, readSync(file, chunk, 0, chunk.length, start));
      // a line that is still being written waits for its end
      const whole = read.subarray(0, read.lastIndexOf('\n') + 1);
      this.#offset = start + whole.length;
      return whole.length === 0 ? [] : whole.toString('utf8').slice(0, -1).split('\n');
    } finally {
      closeSync(file);
    }
  }
}
