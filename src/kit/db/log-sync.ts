import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Starts bringing a file to disk and says when that is done. */
export type Sync = (done: (error: Error | null) => void) => void;

/**
 * Brings SQLite's write-ahead log to disk, beside the main thread and for many commits at once: those made while one
 * `fdatasync` runs share the next. SQLite itself syncs only at checkpoints then (`synchronous=NORMAL`), which keeps the
 * database whole; that a commit lasts is our part.
 */
export class LogSync {
  readonly #sync: Sync;
  /** Commits made, and how many of them are on disk. */
  #made = 0;
  #kept = 0;
  #running = false;
  readonly #waiting: { readonly commit: number; readonly resolve: () => void }[] = [];

  constructor(sync: Sync) {
    this.#sync = sync;
  }

  /** Notes that a commit was written to the log; what is noted before its commit might be taken for kept too soon. */
  wrote(): void {
    this.#made++;
  }

  /** Resolves when all that was written so far is on disk. */
  async settled(): Promise<void> {
    if (this.#kept === this.#made) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ commit: this.#made, resolve });
      if (!this.#running) this.#run();
    });
  }

  #run(): void {
    this.#running = true;
    const made = this.#made;
    this.#sync((error) => {
      // What was written may be lost, yet is read as if it were there. Only a new process sees what the disk really has.
      if (error) throw new Error('the database could not be brought to disk', { cause: error });
      this.#running = false;
      this.#kept = made;
      const last = this.#waiting.findLastIndex(({ commit }) => commit <= made);
      const settled = this.#waiting.splice(0, last + 1);
      if (this.#waiting.length > 0) this.#run();
      for (const { resolve } of settled) resolve();
    });
  }
}

/** How an open log is synced. The file keeps its place for as long as a connection to its database is open. */
export function syncOf(path: string): { readonly sync: Sync; close(): void } {
  const file = openSync(path, 'r+');
  // a new file is on disk only when its name is
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory);
  closeSync(directory);
  return { sync: (done) => fdatasync(file, done), close: () => closeSync(file) };
}
