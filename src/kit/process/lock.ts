import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { isAlive, type ProcessId, processId } from './proc.ts';

/** A lock the kernel lets go of when its holder dies, however it dies. */
export interface FileLock {
  /** Whether it keeps others out: not once its file was removed, since they would lock another one in its place. */
  readonly valid: boolean;
  release(): void;
}

/** Locks held by this process: a database that nobody refers to would be collected, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the exclusive lock of a file without waiting; undefined when another process holds it. Node has no flock, but the
 * SQLite it carries holds a POSIX lock for as long as a transaction is open. Who holds it is written beside the lock,
 * for {@link lockHolder}.
 */
export function tryLock(path: string): FileLock | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    const SQLITE_BUSY = 5;
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  held.add(file);
  // a file in its place has another number for as long as we have this one open
  const number = fileNumber(path);
  writeFileSync(holderFile(path), JSON.stringify(processId(process.pid)), { mode: 0o644 });
  return {
    get valid() {
      return number !== undefined && fileNumber(path) === number;
    },
    release() {
      if (this.valid) rmSync(holderFile(path), { force: true });
      held.delete(file);
      file.close();
    },
  };
}

/** The process that holds the lock, without touching it; undefined when nobody does. */
export function lockHolder(path: string): ProcessId | undefined {
  try {
    const holder = JSON.parse(readFileSync(holderFile(path), 'utf8')) as ProcessId;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

const fileNumber = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
const holderFile = (path: string): string => `${path}.holder`;
