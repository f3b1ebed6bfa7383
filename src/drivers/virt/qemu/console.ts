import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, chown, type FileHandle, open, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

import { conflict } from '#kit/errors/cloud-error.ts';

import { plainEnvironment } from './confined.ts';
import type { GuestUser } from './guest-user.ts';

const run = promisify(execFile);
/** File systems collapse whole blocks only; every one of theirs divides this. */
const block = 64 * 1024;
/** Not in Node's constants: a handle that names a file without opening it. */
const O_PATH = 0o10000000;

/** The last `maxBytes` of a console log, without the piece of a character it may begin with. */
export async function readTail(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, size - length);
    const text = buffer.subarray(0, bytesRead);
    const start = length < size ? text.findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
    return text.subarray(Math.max(0, start)).toString('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Cuts off the beginning of a console log that grew beyond `limit` bytes, while QEMU appends to it: in the file system where it
 * can do that without anybody losing a byte, else by writing the end anew, with a moment in which bytes may be lost.
 */
export async function boundLog(path: string, limit: number): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= limit) return;
  const excess = Math.ceil((size - limit / 2) / block) * block;
  const collapse = ['--collapse-range', '--offset', '0', '--length', String(excess), path];
  if (excess < size && (await succeeds(run('fallocate', collapse, { env: plainEnvironment })))) return;
  await rewrite(path, Math.floor(limit / 2));
}

async function rewrite(path: string, keep: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(keep, size));
    const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
    await file.truncate(0);
    await file.write(tail, 0, bytesRead, 0);
  } finally {
    await file.close();
  }
}

/** Empties a console log. */
export async function emptyLog(path: string): Promise<void> {
  const file: FileHandle | undefined = await open(path, 'r+').catch(() => undefined);
  await file?.truncate(0);
  await file?.close();
}

/**
 * Lets a group connect to a console's socket. It lies where the guest user may put anything, so what is changed is the
 * very thing that was looked at. Throws `conflict` when it is no socket of the guest user's.
 */
export async function openToGroup(path: string, user: GuestUser, gid: number): Promise<void> {
  const handle = await open(path, O_PATH | constants.O_NOFOLLOW);
  try {
    const found = await handle.stat();
    if (!found.isSocket() || found.uid !== user.uid) throw conflict('the console is not available');
    const itself = `/proc/self/fd/${handle.fd}`;
    if (found.gid !== gid) await chown(itself, user.uid, gid);
    await chmod(itself, 0o660);
  } finally {
    await handle.close();
  }
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );
