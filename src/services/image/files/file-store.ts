import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { type CloudError, tooLarge, unavailable } from '#kit/errors/cloud-error.ts';
import { syncDirectory } from '#kit/files/durable.ts';
import { writeAll } from '#kit/files/write-all.ts';

/** What a file is: image data, data waiting for its import, or data still coming. */
export type Area = 'data' | 'staging' | 'incoming';

/** Every area, each a directory of its own in the store's directory. */
export const areas: readonly Area[] = ['data', 'staging', 'incoming'];

/** A file found in an area. */
export interface StoredFile {
  readonly name: string;
  /** When it was last written to or moved, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/**
 * Keeps image data as files. Data is written under `incoming` and moved once it is all there and on the disk: what is
 * found under `data` and `staging` is whole, whatever happened in between.
 */
export class FileStore {
  /** Absolute path. */
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async prepare(): Promise<void> {
    for (const area of areas) await mkdir(join(this.directory, area), { recursive: true, mode: 0o700 });
  }

  /** Throws `tooLarge` when there is no room for so many bytes. */
  async requireSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.directory);
    if (bytes > bavail * bsize) throw storageFull();
  }

  /** A new file to write to. Throws as {@link storageError} says. */
  create(name: string): Promise<FileHandle> {
    return refusing(() => open(this.#path('incoming', name), 'wx', 0o600));
  }

  /** Writes a part of a file under `incoming`, which is made when it is not there. */
  async writeAt(name: string, offset: number, data: Uint8Array): Promise<void> {
    const flags = constants.O_RDWR | constants.O_CREAT;
    await refusing(async () => {
      const file = await open(this.#path('incoming', name), flags, 0o600);
      try {
        await writeAll(file, data, offset);
      } finally {
        await file.close();
      }
    });
  }

  /** Cuts a file under `incoming` off at a length. Tolerates absence. */
  async shorten(name: string, bytes: number): Promise<void> {
    const path = this.#path('incoming', name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.size > bytes) await truncate(path, bytes);
  }

  open(area: Area, name: string): Promise<FileHandle> {
    return open(this.#path(area, name), 'r');
  }

  /** Undefined when there is no such file. */
  async openIfThere(area: Area, name: string): Promise<FileHandle | undefined> {
    try {
      return await this.open(area, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Moves a file whose content is on the disk; it stays there from now on. Harmless when done again. */
  async move(from: Area, to: Area, name: string): Promise<void> {
    try {
      await rename(this.#path(from, name), this.#path(to, name));
    } catch (error) {
      const isMoved = await stat(this.#path(to, name)).then(
        () => true,
        () => false,
      );
      if (!isMoved) throw error;
    }
    await syncDirectory(join(this.directory, to));
  }

  /** Removes a file; tolerates absence. */
  async remove(area: Area, name: string): Promise<void> {
    await rm(this.#path(area, name), { force: true });
  }

  /** Every file of an area. */
  async list(area: Area): Promise<StoredFile[]> {
    const names = await readdir(join(this.directory, area));
    const files = await Promise.all(names.map((name) => this.#look(area, name)));
    return files.filter((file) => file !== undefined);
  }

  async #look(area: Area, name: string): Promise<StoredFile | undefined> {
    const found = await stat(this.#path(area, name)).catch(() => undefined);
    return found && { name, changedAt: found.ctimeMs };
  }

  #path(area: Area, name: string): string {
    return join(this.directory, area, name);
  }
}

/** The name of the file that a transfer into an image writes. */
export const fileName = (imageId: string, upload: string): string => `${imageId}.${upload}`;

/** The image a file is of. */
export const imageOfFile = (name: string): string => name.split('.', 1)[0]!;

async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error);
  }
}

/** What Glance says when data cannot be written: 413 when there is no room, 503 when writing is not allowed. */
export function storageError(error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return storageFull(error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return unavailable(
        'Insufficient permissions on image storage media: Permission to write image storage media denied.',
        undefined,
        error,
      );
    default:
      return error;
  }
}

const storageFull = (cause?: unknown): CloudError =>
  tooLarge(
    'Image storage media is full: There is not enough disk space on the image storage media.',
    undefined,
    cause,
  );
