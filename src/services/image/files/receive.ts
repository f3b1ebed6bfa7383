import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import { writeAll } from '#kit/files/write-all.ts';

import { DigestThread } from './digest-threads.ts';

/** What is known of data once all of it has been read. */
export interface DataFacts {
  /** Bytes. */
  readonly size: number;
  /** MD5 in hexadecimal. */
  readonly checksum: string;
  /** In hexadecimal, by the algorithm asked for. */
  readonly hash: string;
}

/** Where the bytes of a stream go. They may be overwritten once this resolves. */
type Sink = (bytes: Uint8Array, position: number) => Promise<void>;

const blockBytes = 1 << 20;
const blockCount = 8;
/** Less than this is hashed right here: handing it to threads would cost more. */
const smallBytes = 1 << 18;
const syncEveryBytes = 1 << 26;
/**
 * Into shared memory, bytes are copied six times as fast where they begin at a word's start, as most chunks of a body do. So a
 * block that holds this much and ends within a word is let go, and the next chunk begins another.
 */
const oddBytes = blockBytes / 4;
const wordBytes = 8;

/** Reads data once: while one block of it comes in, those before it are being hashed and written. */
export class Receiver {
  readonly #algorithm: string;
  readonly #checksums = new DigestThread();
  readonly #hashes = new DigestThread();
  /** What the last transfer is done with: left to the garbage collectors of three threads, it would pile up. */
  #spare: SharedArrayBuffer | undefined;

  /** `algorithm` is what the second hash is computed with, e.g. `sha512`. */
  constructor(algorithm: string) {
    this.#algorithm = algorithm;
  }

  /**
   * Writes a stream to a file that is empty, and makes it durable. A piece of the stream is done with once the next one is
   * asked for. Throws what `limit` answers for a number of bytes that is too large, and whatever the stream and the file throw.
   */
  async receive(
    source: AsyncIterable<Uint8Array>,
    file: FileHandle,
    limit: (size: number) => Error | undefined,
  ): Promise<DataFacts> {
    const syncing = new BackgroundSync(file);
    const facts = await this.#take(limited(source, limit), async (bytes, position) => {
      await writeAll(file, bytes, position);
      syncing.wrote(bytes.length);
    });
    await syncing.finish();
    return facts;
  }

  /** Hashes a file. */
  hash(file: FileHandle): Promise<DataFacts> {
    return this.#take(blocksOf(file), () => Promise.resolve());
  }

  async stop(): Promise<void> {
    await Promise.all([this.#checksums.stop(), this.#hashes.stop()]);
  }

  async #take(source: AsyncIterable<Uint8Array>, sink: Sink): Promise<DataFacts> {
    const head = Buffer.allocUnsafe(smallBytes);
    let filled = 0;
    const iterator = source[Symbol.asyncIterator]();
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return this.#small(head.subarray(0, filled), sink);
      if (filled + value.length > smallBytes)
        return this.#large([head.subarray(0, filled), value], iterator, sink);
      head.set(value, filled);
      filled += value.length;
    }
  }

  async #small(bytes: Uint8Array, sink: Sink): Promise<DataFacts> {
    await sink(bytes, 0);
    const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
    return { size: bytes.length, checksum: digest('md5'), hash: digest(this.#algorithm) };
  }

  async #large(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>, sink: Sink): Promise<DataFacts> {
    const memory = this.#spare ?? new SharedArrayBuffer(blockBytes * blockCount);
    this.#spare = undefined;
    const checksum = this.#checksums.open('md5', memory);
    const hash = this.#hashes.open(this.#algorithm, memory);
    const ring = new Ring(memory, async (bytes, position) => {
      const { byteOffset, length } = bytes;
      await Promise.all([
        sink(bytes, position),
        checksum.update(byteOffset, length),
        hash.update(byteOffset, length),
      ]);
    });
    try {
      for (const chunk of head) await ring.add(chunk);
      for (let next = await rest.next(); !next.done; next = await rest.next()) {
        const added = ring.add(next.value);
        if (added) await added;
      }
      const size = await ring.finish();
      const [first, second] = await Promise.all([checksum.finish(), hash.finish()]);
      return { size, checksum: first, hash: second };
    } catch (error) {
      await rest.return?.();
      await ring.settle();
      checksum.abandon();
      hash.abandon();
      throw error;
    } finally {
      this.#spare = memory;
    }
  }
}

/** Blocks of shared memory, filled in turn. A block is used again once what it held has been dealt with. */
class Ring {
  readonly #blocks: readonly Uint8Array[];
  readonly #busy: Promise<unknown>[];
  readonly #flush: Sink;
  #failure: { error: unknown } | undefined;
  #current = 0;
  #filled = 0;
  #position = 0;

  constructor(memory: SharedArrayBuffer, flush: Sink) {
    this.#blocks = Array.from(
      { length: blockCount },
      (_, i) => new Uint8Array(memory, i * blockBytes, blockBytes),
    );
    this.#busy = this.#blocks.map(() => Promise.resolve());
    this.#flush = flush;
  }

  /** Answers nothing when there was room; else a promise of room. Throws what dealing with an earlier block threw. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#filled + chunk.length > blockBytes) return this.#addSlowly(chunk);
    this.#copy(chunk);
    return this.#filled >= oddBytes && this.#filled % wordBytes > 0 ? this.#turn() : undefined;
  }

  /** Deals with what is left and waits for all of it; answers the number of bytes there were. */
  async finish(): Promise<number> {
    if (this.#filled > 0) await this.#turn();
    await this.settle();
    this.#throwFailure();
    return this.#position;
  }

  /** Waits until no block is being dealt with, well or not. */
  async settle(): Promise<void> {
    await Promise.all(this.#busy);
  }

  async #addSlowly(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + blockBytes - this.#filled);
      this.#copy(part);
      at += part.length;
      if (this.#filled === blockBytes) await this.#turn();
    }
  }

  #copy(chunk: Uint8Array): void {
    this.#blocks[this.#current]!.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }

  async #turn(): Promise<void> {
    const bytes = this.#blocks[this.#current]!.subarray(0, this.#filled);
    this.#busy[this.#current] = this.#flush(bytes, this.#position).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#position += bytes.length;
    this.#filled = 0;
    this.#current = (this.#current + 1) % blockCount;
    await this.#busy[this.#current];
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** Has written data brought to the disk while more comes, so that little is left to wait for at the end. */
class BackgroundSync {
  readonly #file: FileHandle;
  #written = 0;
  #running: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  wrote(bytes: number): void {
    this.#written += bytes;
    if (this.#written < syncEveryBytes || this.#running) return;
    this.#written = 0;
    this.#running = this.#file
      .datasync()
      .catch((error: unknown) => {
        // a failed sync may be the only time that lost data is told of
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  async finish(): Promise<void> {
    await this.#running;
    if (this.#failure) throw this.#failure.error;
    await this.#file.datasync();
  }
}

async function* limited(
  source: AsyncIterable<Uint8Array>,
  limit: (size: number) => Error | undefined,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    const error = limit(size);
    if (error) throw error;
    yield chunk;
  }
}

async function* blocksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ;) {
    const block = Buffer.allocUnsafe(blockBytes);
    const { bytesRead } = await file.read(block, 0, blockBytes, position);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    position += bytesRead;
  }
}
