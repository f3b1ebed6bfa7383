import type { FileHandle } from 'node:fs/promises';

/** Writes all of the bytes at a position of a file: a nearly full disk takes some, and complains only of the rest. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
