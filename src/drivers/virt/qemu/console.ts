import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, chown, open, stat, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';

import { conflict } from '#kit/errors/cloud-error.ts';

import { plainEnvironment } from './confined.ts';
import type { GuestUser } from './guest-user.ts';

const run = promisify(execFile);
/** What the kernel counts a file's room in. */
const blockBytes = 512;
/** How much more room than bytes a file may take: file systems give it in blocks of their own. */
const slack = 64 * 1024;
/** Not in Node's constants: a handle that names a file without opening it. */
const O_PATH = 0o10000000;

/** The last `maxBytes` of a console log, as far as they are kept, without the piece of a character it may begin with. */
export async function readTail(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return '';
  try {
    const { size, blocks } = await file.stat();
    const length = Math.min(size, maxBytes, blocks * blockBytes + slack);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, size - length);
    const text = buffer.subarray(0, bytesRead);
    const start = length < size ? text.findIndex((byte) => byte !== 0 && (byte & 0xc0) !== 0x80) : 0;
    return start < 0 ? '' : text.subarray(start).toString('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Lets go of the beginning of a console log that takes more than `limit` bytes on the disk, while QEMU appends to it. The
 * beginning becomes a hole: the log keeps its length, nothing moves, and no byte that is being written can be lost.
 */
export async function boundLog(path: string, limit: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.blocks * blockBytes <= limit + slack) return;
  const excess = Math.floor(found.size - limit / 2);
  const punch = ['--punch-hole', '--offset', '0', '--length', String(excess), path];
  await run('fallocate', punch, { env: plainEnvironment }).catch(() => truncate(path, 0));
}

/** Empties a console log. Tolerates absence. */
export async function emptyLog(path: string): Promise<void> {
  await truncate(path, 0).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
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
