import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { callControl } from '#contracts/agent.ts';
import type { GuestImage } from '#contracts/guest.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { CloudError, isKind } from '#kit/errors/cloud-error.ts';
import { writeAll } from '#kit/files/write-all.ts';

const chunkBytes = 1 << 20;
const chunksAhead = 4;
const retries = 20;
const retryMs = 500;

/**
 * Fetches an image's bytes from control into a new file at `path` and puts them on the disk. Throws when they are not
 * the bytes the image is known by: too few, or with another hash.
 */
export async function download(bus: Bus, image: GuestImage, path: string): Promise<void> {
  const file = await open(path, 'wx', 0o640);
  try {
    const hash = createHash('sha512');
    let offset = 0;
    for await (const chunk of chunks(bus, image)) {
      hash.update(chunk);
      await writeAll(file, chunk, offset);
      offset += chunk.length;
    }
    await file.sync();
    const digest = hash.digest('hex');
    if (image.hash !== null && digest !== image.hash)
      throw new CloudError('internal', `Image ${image.id} arrived damaged: its sha512 is ${digest}.`);
  } finally {
    await file.close();
  }
}

/** The chunks of an image in order; a few are asked for ahead. */
async function* chunks(bus: Bus, image: GuestImage): AsyncGenerator<Uint8Array> {
  const underWay: { length: number; data: Promise<Uint8Array> }[] = [];
  for (let asked = 0; asked < image.size || underWay.length > 0;) {
    while (asked < image.size && underWay.length < chunksAhead) {
      const length = Math.min(chunkBytes, image.size - asked);
      const data = readChunk(bus, image.id, asked, length);
      // whoever awaits it hears of a failure; until then it is not unhandled
      data.catch(() => {});
      underWay.push({ length, data });
      asked += length;
    }
    const { length, data } = underWay.shift()!;
    const chunk = await data;
    if (chunk.length !== length)
      throw new CloudError(
        'internal',
        `Image ${image.id} is shorter than the ${image.size} bytes it should have.`,
      );
    yield chunk;
  }
}

/** One chunk, asked for again while control is out of reach for a moment. */
async function readChunk(bus: Bus, id: string, offset: number, length: number): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await callControl(bus, 'image.read', { id, offset, length });
    } catch (error) {
      if (!isKind(error, 'unavailable') || attempt === retries) throw error;
      await sleep(retryMs);
    }
  }
}
