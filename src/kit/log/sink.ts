import { write, writeSync } from 'node:fs';

/** Bytes gathered before they are written, and how long fewer may wait, in milliseconds. */
const gatherBytes = 32_768;
const gatherMs = 1000;
/** Bytes kept while the file takes none. */
const holdBytes = 1 << 20;

/**
 * Where log lines go: a file descriptor, written in pieces without waiting. A full disk, or a pipe nobody reads, must not
 * stop the process that has something to say: lines that find no place are dropped, and their number is told later.
 */
export class LogSink {
  readonly #fd: number;
  #lines: string[] = [];
  #size = 0;
  #lost = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #flushed: (() => void)[] = [];

  constructor(fd: number) {
    this.#fd = fd;
    process.once('exit', () => this.flushSync());
  }

  /** Takes a line with its end; pino calls it. */
  write(line: string): void {
    if (this.#size > holdBytes) {
      this.#lost++;
      return;
    }
    this.#lines.push(line);
    this.#size += line.length;
    if (this.#size >= gatherBytes) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs).unref();
  }

  /** Begins to write what has been gathered; `done` is called when that was written or dropped. */
  flush(done?: () => void): void {
    if (done) this.#flushed.push(done);
    if (this.#writing) return;
    const lines = this.#lines.length + this.#lost;
    const text = this.#take();
    if (text === '') {
      this.#tell();
      return;
    }
    this.#writing = true;
    this.#writeOut(Buffer.from(text), lines);
  }

  /** Writes what has been gathered before it returns: the process is about to end. */
  flushSync(): void {
    try {
      for (let rest = Buffer.from(this.#take()); rest.length > 0;)
        rest = rest.subarray(writeSync(this.#fd, rest));
    } catch {
      // nobody is left to tell
    }
  }

  #take(): string {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lost = this.#lost > 0 ? [`{"level":"warn","msg":"${this.#lost} log lines were lost"}\n`] : [];
    const text = [...lost, ...this.#lines].join('');
    this.#lines = [];
    this.#size = 0;
    this.#lost = 0;
    return text;
  }

  #writeOut(bytes: Buffer, lines: number): void {
    write(this.#fd, bytes, (error, written) => {
      if (!error && written < bytes.length) {
        this.#writeOut(bytes.subarray(written), lines);
        return;
      }
      this.#writing = false;
      if (error) this.#lost += lines;
      // what came meanwhile is written along; after an error it waits, so as not to try without pause
      if (!error && (this.#lines.length > 0 || this.#flushed.length > 0)) this.flush();
      else this.#tell();
    });
  }

  #tell(): void {
    for (const done of this.#flushed.splice(0)) done();
  }
}
