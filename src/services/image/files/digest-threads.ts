import { Worker } from 'node:worker_threads';

/** What a digest thread is told. Updates are answered once their bytes have been read, a finish with the digest. */
export type DigestRequest =
  | { kind: 'open'; stream: number; algorithm: string; memory: SharedArrayBuffer }
  | { kind: 'update'; stream: number; offset: number; length: number }
  | { kind: 'finish'; stream: number }
  | { kind: 'abandon'; stream: number };

/** What a digest thread answers: in the order it was asked, per stream; `digest` (hexadecimal) only to a finish. */
export interface DigestAnswer {
  readonly stream: number;
  readonly digest?: string;
}

/** A hash being computed of bytes in shared memory. */
export interface ThreadDigest {
  /** Resolves once the bytes have been read and their place may be used again. */
  update(offset: number, length: number): Promise<void>;
  /** The digest in hexadecimal; the last thing asked of it. */
  finish(): Promise<string>;
  /** Forgets it. */
  abandon(): void;
}

interface Waiting {
  resolve(answer: DigestAnswer): void;
  reject(error: Error): void;
}

/** A thread costs 10 MB, so one that nobody needs ends. */
const restMs = 30_000;

/** One thread that hashes; it starts when used, ends when not used for a while, and does not keep the process alive. */
export class DigestThread {
  readonly #restMs: number;
  #worker: Worker | undefined;
  #rest: NodeJS.Timeout | undefined;
  #streams = 0;
  readonly #waiting = new Map<number, Waiting[]>();

  constructor(rest = restMs) {
    this.#restMs = rest;
  }

  /** Whether the thread runs now. */
  get runs(): boolean {
    return this.#worker !== undefined;
  }

  open(algorithm: string, memory: SharedArrayBuffer): ThreadDigest {
    clearTimeout(this.#rest);
    const stream = ++this.#streams;
    this.#waiting.set(stream, []);
    this.#post({ kind: 'open', stream, algorithm, memory });
    return {
      update: async (offset, length) => void (await this.#ask({ kind: 'update', stream, offset, length })),
      finish: async () => (await this.#ask({ kind: 'finish', stream })).digest!,
      abandon: () => {
        if (!this.#waiting.has(stream)) return;
        this.#post({ kind: 'abandon', stream });
        this.#close(stream);
      },
    };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#rest);
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #close(stream: number): void {
    this.#waiting.delete(stream);
    if (this.#waiting.size === 0) this.#rest = setTimeout(() => this.#dismiss(), this.#restMs).unref();
  }

  /** Ends the thread; whoever comes from now on gets another. */
  #dismiss(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  #ask(request: DigestRequest): Promise<DigestAnswer> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(request.stream);
      if (!waiting) {
        reject(new Error('the digest thread was lost'));
        return;
      }
      waiting.push({ resolve, reject });
      this.#post(request);
    });
  }

  #post(request: DigestRequest): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request, []);
  }

  #start(): Worker {
    const worker = new Worker(new URL('digest-worker.ts', import.meta.url));
    worker.unref();
    worker.on('message', ({ stream, digest }: DigestAnswer) => {
      this.#waiting
        .get(stream)
        ?.shift()
        ?.resolve({ stream, ...(digest !== undefined && { digest }) });
      if (digest !== undefined) this.#close(stream);
    });
    worker.on('error', (error) => this.#lose(worker, error as Error));
    worker.on('exit', () => this.#lose(worker, new Error('the digest thread ended')));
    return worker;
  }

  #lose(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const lost = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const { reject } of lost) reject(error);
  }
}
