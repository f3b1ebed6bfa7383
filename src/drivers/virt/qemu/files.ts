import { constants } from 'node:fs';
import { chmod, chown, copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';

import type { GuestUser } from './guest-user.ts';

/** A directory that is ours and that others may pass through to what they are allowed in it, without seeing what there is. */
export async function makeHome(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o711 });
  await chmod(path, 0o711);
}

/** A directory in which the guest user may do as it likes, and which `groupId`, if any, may pass through. */
export async function makeGuestDirectory(
  path: string,
  user: GuestUser | undefined,
  groupId?: number,
): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user) await chown(path, user.uid, groupId ?? user.gid);
  await chmod(path, groupId === undefined ? 0o700 : 0o710);
}

/** An empty file of the guest user's, which nobody else may read; `bytes` makes it that long without using room. */
export async function makeGuestFile(path: string, user: GuestUser | undefined, bytes = 0): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    if (user) await file.chown(user.uid, user.gid);
    if (bytes > 0) await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/** A file of the guest user's as {@link makeGuestFile} makes it, unless it is there already. */
export async function ensureGuestFile(path: string, user: GuestUser | undefined): Promise<void> {
  await makeGuestFile(path, user).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Puts what was written to a file on the disk, also by another process. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A second name for a cached base image; a copy where the cache is on another file system. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}

/** Removes a tree: out of sight first, so that a crash leaves nothing half there under its name. Tolerates absence. */
export async function removeTree(path: string): Promise<void> {
  const grave = `${path}.gone`;
  await rm(grave, { recursive: true, force: true });
  try {
    await rename(path, grave);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(grave, { recursive: true, force: true });
}
