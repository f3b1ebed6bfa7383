import { isoSeconds } from '#kit/clock/clock.ts';

import { storeId } from '../files/store-id.ts';
import type { ImageRecord } from './record.ts';

/** The path of an image, without scheme and host: that is how Glance writes its links. */
export const imagePath = (id: string): string => `/v2/images/${id}`;

/** An image as the API shows it: its properties stand beside its attributes. */
export const viewImage = (image: ImageRecord) => ({
  ...image.properties,
  name: image.name,
  disk_format: image.diskFormat,
  container_format: image.containerFormat,
  visibility: image.visibility,
  size: image.size,
  virtual_size: image.virtualSize,
  status: image.status,
  checksum: image.checksum,
  protected: image.protected,
  min_ram: image.minRam,
  min_disk: image.minDisk,
  owner: image.owner,
  os_hidden: image.hidden,
  os_hash_algo: image.hashAlgorithm,
  os_hash_value: image.hashValue,
  id: image.id,
  created_at: isoSeconds(image.createdAt),
  updated_at: isoSeconds(image.updatedAt),
  tags: image.tags,
  self: imagePath(image.id),
  file: `${imagePath(image.id)}/file`,
  schema: '/v2/schemas/image',
  ...(image.data !== null && { stores: storeId }),
});

/** A page of images with its links. `query` is the request's own, as parameters with one value each. */
export function viewImages(
  images: readonly ImageRecord[],
  query: ReadonlyMap<string, string>,
  nextMarker: string | undefined,
) {
  return {
    images: images.map(viewImage),
    ...pageLinks('/v2/images', query, nextMarker),
    schema: '/v2/schemas/images',
  };
}

/** The links `first` and `next` of a list. */
export function pageLinks(path: string, query: ReadonlyMap<string, string>, nextMarker: string | undefined) {
  const first = new URLSearchParams([...query].filter(([name]) => name !== 'marker'));
  const next = new URLSearchParams(first);
  if (nextMarker !== undefined) next.set('marker', nextMarker);
  return {
    first: first.size === 0 ? path : `${path}?${first}`,
    ...(nextMarker !== undefined && { next: `${path}?${next}` }),
  };
}
