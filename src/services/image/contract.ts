import type { ControlHandlers } from '#contracts/agent.ts';
import type { DiskFormat, ImageContract, ImageFacts, NewSnapshot } from '#contracts/image.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { conflict, forbidden, notFound } from '#kit/errors/cloud-error.ts';

import { fileName } from './files/file-store.ts';
import { noSuchImage } from './images/errors.ts';
import { findVisible } from './images/lookup.ts';
import type { ImageRecord, Properties } from './images/record.ts';
import type { Image } from './service.ts';

/** The transfer under which a snapshot's data is written: there is one per image, and it may take as long as it wants. */
const snapshotUpload = 'snapshot';

const maxListed = 1000;

/** Image as other services use it. */
export class ImageForServices implements ImageContract {
  readonly #service: Image;

  constructor(service: Image) {
    this.#service = service;
  }

  async get(id: string, caller: Credentials): Promise<ImageFacts> {
    return factsOf(await this.#visible(id, caller));
  }

  async read(id: string, offset: number, length: number): Promise<Uint8Array> {
    const { images, files } = this.#service;
    const image = await images.find(id);
    if (!image?.data) throw notFound(`No image data found with ID ${id}`);
    const file = await files.open('data', image.data);
    try {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, (image.size ?? 0) - offset)));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  checkRoom(projectId: string): Promise<void> {
    return this.#service.quotas.check(projectId, { image_count_total: 1 });
  }

  async createSnapshot(snapshot: NewSnapshot): Promise<void> {
    const { images } = this.#service;
    const { id, name, projectId, diskFormat, containerFormat, minDisk, minRam, properties } = snapshot;
    if (await images.find(id)) return;
    await this.checkRoom(projectId);
    await images.insert({
      id,
      name,
      owner: projectId,
      visibility: 'private',
      diskFormat,
      containerFormat,
      minDisk,
      minRam,
      protected: false,
      hidden: false,
      properties,
      tags: [],
    });
  }

  async write(id: string, offset: number, data: Uint8Array): Promise<void> {
    const { images, files } = this.#service;
    const name = fileName(id, snapshotUpload);
    const image = await images.change(id, (now) => {
      if (isFinished(now, name) || (now.status === 'saving' && now.upload === snapshotUpload))
        return undefined;
      if (now.status !== 'queued') throw conflict(`Image ${id} is ${now.status}: it takes no snapshot`);
      return { status: 'saving', upload: snapshotUpload };
    });
    if (!image) throw noSuchImage(id);
    // an agent that never heard that it was done does it all again
    if (!isFinished(image, name)) await files.writeAt(name, offset, data);
  }

  async finish(id: string, size?: number): Promise<void> {
    const { images, files, transfers } = this.#service;
    const image = await images.find(id);
    if (!image) throw noSuchImage(id);
    if (image.status === 'active') return;
    if (image.upload !== snapshotUpload) throw conflict(`Image ${id} has no snapshot to finish`);
    const name = fileName(id, snapshotUpload);
    if (size !== undefined) await files.shorten(name, size);
    // whoever finished it halfway has moved the file already
    const file = (await files.openIfThere('incoming', name)) ?? (await files.open('data', name));
    const changes = await transfers.examine(file, name, image).finally(() => file.close());
    await files.move('incoming', 'data', name);
    const done = await images.change(id, (now) => (now.upload === snapshotUpload ? changes : undefined));
    if (!done) throw noSuchImage(id);
  }

  async discard(id: string): Promise<void> {
    await this.#service.remove(id, (image) => !image.protected);
  }

  async remove(id: string, caller: Credentials): Promise<void> {
    const image = await this.#visible(id, caller);
    if (!isAdmin(caller) && image.owner !== caller.projectId)
      throw forbidden('You are not authorized to complete delete_image action.');
    const found = await this.#service.remove(id, (now) => !now.protected);
    if (found?.protected) throw forbidden(`Image ${id} is protected and cannot be deleted.`);
  }

  async list(
    caller: Credentials,
    filter: { properties?: Readonly<Record<string, string>> },
  ): Promise<ImageFacts[]> {
    const images = await this.#service.images.list(viewerOf(caller), {
      conditions: [],
      visibility: undefined,
      memberStatus: 'accepted',
      properties: Object.entries(filter.properties ?? {}),
      tags: [],
      sort: [
        { column: 'created_at', direction: 'desc' },
        { column: 'id', direction: 'desc' },
      ],
      marker: undefined,
      limit: maxListed,
    });
    return images.map(factsOf);
  }

  async #visible(id: string, caller: Credentials): Promise<ImageRecord> {
    const image = await findVisible(this.#service, id, viewerOf(caller));
    if (!image) throw noSuchImage(id);
    return image;
  }
}

/** What agents ask of Image over the bus. */
export const imageBusHandlers = (contract: ImageContract): Partial<ControlHandlers> => ({
  'image.read': ({ id, offset, length }) => contract.read(id, offset, length),
  'image.write': ({ id, offset, data }) => contract.write(id, offset, data),
  'image.finish': ({ id, size }) => contract.finish(id, size),
});

/** Whether what was written under this name is the image's data. */
const isFinished = (image: ImageRecord, name: string): boolean =>
  image.status === 'active' && image.data === name;

const isAdmin = (caller: Credentials): boolean => caller.roles.includes('admin');

const viewerOf = (caller: Credentials) => ({ projectId: caller.projectId, admin: isAdmin(caller) });

const factsOf = (image: ImageRecord): ImageFacts => ({
  id: image.id,
  name: image.name,
  status: image.status,
  visibility: image.visibility,
  projectId: image.owner,
  diskFormat: image.diskFormat as DiskFormat | null,
  containerFormat: image.containerFormat,
  size: image.size,
  virtualSize: image.virtualSize,
  checksum: image.checksum,
  hashAlgorithm: image.hashAlgorithm,
  hashValue: image.hashValue,
  minDisk: image.minDisk,
  minRam: image.minRam,
  protected: image.protected,
  hidden: image.hidden,
  tags: image.tags,
  properties: textOnly(image.properties),
  createdAt: image.createdAt,
  updatedAt: image.updatedAt,
});

const textOnly = (properties: Properties): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties).filter((entry): entry is [string, string] => entry[1] !== null),
  );
