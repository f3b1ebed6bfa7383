import type { Clock } from '#kit/clock/clock.ts';
import type { Loop } from '#kit/loop/loops.ts';

import type { ImageRecord } from '../images/record.ts';
import type { ImageStore } from '../images/store.ts';
import { type Area, areas, fileName, type FileStore, imageOfFile } from './file-store.ts';

const everyMs = 600_000;
/** A file is moved a moment before the database says so. */
const graceMs = 600_000;
const batch = 500;

/** Removes files that belong to no image: of deletions cut short, and of transfers that died. */
export const sweepLoop = (files: FileStore, images: ImageStore, clock: Clock): Loop => ({
  name: 'image.sweep',
  everyMs,
  run: async () => {
    for (const area of areas) await sweep(area, files, images, clock);
  },
});

async function sweep(area: Area, files: FileStore, images: ImageStore, clock: Clock): Promise<void> {
  const found = await files.list(area);
  const old = found.filter(({ changedAt }) => changedAt < clock.now() - graceMs);
  for (let at = 0; at < old.length; at += batch) {
    const names = old.slice(at, at + batch).map(({ name }) => name);
    const used = await images.filesInUse(names.map(imageOfFile));
    const kept = new Set(used.flatMap(filesOf));
    for (const name of names) if (!kept.has(name)) await files.remove(area, name);
  }
}

/** An image's data, and what its transfer wrote, which may lie among the data until a full disk lets it be noted. */
const filesOf = ({ id, data, upload }: Pick<ImageRecord, 'id' | 'data' | 'upload'>): (string | null)[] => [
  data,
  upload === null ? null : fileName(id, upload),
];
