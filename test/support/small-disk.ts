import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own in memory, which can be filled to the last byte. Takes root to make. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly path: string;

  constructor(path: string, megabytes: number, mode = '755') {
    this.path = path;
    mkdirSync(path, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=${mode}`, 'tmpfs', path]);
  }

  /** Writes until nothing more fits but so many bytes; again, when something was let go of since. */
  fill(except = 0): void {
    const file = openSync(this.#filling, 'a');
    try {
      for (const size of [1 << 20, 4096, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
      ftruncateSync(file, fstatSync(file).size - except);
    } finally {
      closeSync(file);
    }
  }

  /** Makes room again. */
  free(): void {
    rmSync(this.#filling, { force: true });
  }

  /** Takes it away, also from under those who still have a file open on it. */
  unmount(): void {
    execFileSync('umount', ['--lazy', this.path]);
  }

  get #filling(): string {
    return join(this.path, 'filling');
  }
}
