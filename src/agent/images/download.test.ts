import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, expect, test, vi } from 'vitest';

import { controlAddress } from '#contracts/agent.ts';
import { MemoryBus } from '#kit/bus/memory.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

import { download } from './download.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('what a disk takes only a part of is written to its end', async () => {
  const directory = temporaryDirectory();
  const bytes = randomBytes(3_000_000);
  const bus = new MemoryBus();
  await bus.serve(controlAddress, {
    'image.read': ({ offset, length }: { offset: number; length: number }) =>
      bytes.subarray(offset, offset + length),
  });
  const any = await open(directory, 'r');
  const prototype = Object.getPrototypeOf(any) as FileHandle;
  await any.close();
  // as a disk that is nearly full does: it says so only to whoever asks again
  const write = prototype.write as (this: FileHandle, ...given: unknown[]) => never;
  vi.spyOn(prototype, 'write').mockImplementation(function (this: FileHandle, ...given: unknown[]) {
    const [data, offset, length, position] = given;
    return write.call(this, data, offset, Math.ceil((length as number) / 3), position);
  });
  const path = join(directory, 'disk');
  const hash = createHash('sha512').update(bytes).digest('hex');
  await download(bus, { id: 'i', format: 'raw', size: bytes.length, hash }, path);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  await bus.close();
});
