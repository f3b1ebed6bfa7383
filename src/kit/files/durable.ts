import { randomBytes } from 'node:crypto';
import { chown, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Who may do what with a new file. */
export interface FileAccess {
  readonly mode: number;
  /** Left out: the process's own account. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Writes a file so that, whatever happens in between, its path holds either the old content or all of the new one, and
 * so that the new one is on the disk when this resolves.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  access: FileAccess,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', access.mode);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    if (access.owner) await chown(temporary, access.owner.uid, access.owner.gid);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes what was created, renamed or removed in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  let directory: FileHandle | undefined;
  try {
    directory = await open(path, 'r');
    await directory.sync();
  } finally {
    await directory?.close();
  }
}
