import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

/** Bytes of an open file as an answer. Whoever sends it closes the file. */
export class FileRange {
  readonly file: FileHandle;
  /** Where the bytes begin. */
  readonly offset: number;
  /** How many bytes there are; the file must hold them all. */
  readonly length: number;

  constructor(file: FileHandle, offset: number, length: number) {
    this.file = file;
    this.offset = offset;
    this.length = length;
  }
}

/** Few enough bytes that they are still in the processor's cache when they are written. */
const slotBytes = 1 << 19;
const slotCount = 3;

/** A buffer that is read into again once what it held has been written. */
interface Slot {
  readonly buffer: Buffer;
  written: Promise<boolean>;
}

/**
 * Writes a file's bytes as a body whose head is out already: the next pieces are read while one is written. Ends the
 * response, or cuts the connection when the file cannot be read to the end; closes the file in any case.
 */
export async function sendFileRange(response: ServerResponse, range: FileRange): Promise<void> {
  try {
    const complete = await writeAll(response, range);
    if (complete) response.end();
    else response.destroy();
  } catch {
    // the head is out: cutting the connection is all that is left to say
    response.destroy();
  } finally {
    await range.file.close();
  }
}

async function writeAll(response: ServerResponse, { file, offset, length }: FileRange): Promise<boolean> {
  const slot = (): Slot => ({
    buffer: Buffer.allocUnsafeSlow(Math.min(slotBytes, Math.max(length, 1))),
    written: Promise.resolve(true),
  });
  const slots = Array.from({ length: Math.min(slotCount, Math.ceil(length / slotBytes)) }, slot);
  let at = 0;
  for (let turn = 0; at < length; turn++) {
    const slot = slots[turn % slots.length]!;
    if (!(await slot.written)) return false;
    const wanted = Math.min(slot.buffer.length, length - at);
    const { bytesRead } = await file.read(slot.buffer, 0, wanted, offset + at);
    if (bytesRead === 0) return false;
    at += bytesRead;
    slot.written = write(response, slot.buffer.subarray(0, bytesRead));
  }
  const done = await Promise.all(slots.map((slot) => slot.written));
  return done.every(Boolean);
}

/** Whether the bytes got out; false when the connection is gone. */
const write = (response: ServerResponse, bytes: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    // of what is written once the connection is gone Node says nothing, not even that it failed
    const gone = (): void => resolve(false);
    if (response.closed) return gone();
    response.once('close', gone);
    response.write(bytes, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
  });
