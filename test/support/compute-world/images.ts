import type { ImageContract, ImageFacts, NewSnapshot } from '#contracts/image.ts';
import type { Credentials } from '#kit/auth/credentials.ts';
import { forbidden, notFound } from '#kit/errors/cloud-error.ts';

/** An image service in memory: it outlives the control process whose death a test plays. */
export class ImagesInMemory implements ImageContract {
  readonly images = new Map<string, ImageFacts>();
  readonly data = new Map<string, Buffer>();

  /** Puts an active image in place. */
  put(changes: Partial<ImageFacts> & { id: string }): ImageFacts {
    const image: ImageFacts = {
      name: 'image',
      status: 'active',
      visibility: 'public',
      projectId: 'admin-project',
      diskFormat: 'qcow2',
      containerFormat: 'bare',
      size: 1000,
      virtualSize: 2000,
      checksum: 'x',
      hashAlgorithm: 'sha512',
      hashValue: 'f'.repeat(128),
      minDisk: 0,
      minRam: 0,
      protected: false,
      hidden: false,
      tags: [],
      properties: {},
      createdAt: Date.now(),
      updatedAt: Date.now(),
      ...changes,
    };
    this.images.set(image.id, image);
    return image;
  }

  async get(id: string, caller: Credentials): Promise<ImageFacts> {
    const image = this.images.get(id);
    if (!image || (image.visibility === 'private' && image.projectId !== caller.projectId))
      throw notFound(`No image found with ID ${id}`);
    return image;
  }

  async read(id: string, offset: number, length: number): Promise<Uint8Array> {
    return this.data.get(id)?.subarray(offset, offset + length) ?? new Uint8Array(0);
  }

  async checkRoom(): Promise<void> {}

  async createSnapshot(snapshot: NewSnapshot): Promise<void> {
    if (this.images.has(snapshot.id)) return;
    this.put({ ...snapshot, status: 'queued', visibility: 'private', size: null, virtualSize: null });
  }

  async write(id: string, offset: number, data: Uint8Array): Promise<void> {
    const before = this.data.get(id) ?? Buffer.alloc(0);
    this.data.set(id, Buffer.concat([before.subarray(0, offset), data]));
  }

  async finish(id: string): Promise<void> {
    const image = this.images.get(id);
    if (!image) throw notFound(`No image found with ID ${id}`);
    this.images.set(id, { ...image, status: 'active', size: this.data.get(id)?.length ?? 0 });
  }

  async discard(id: string): Promise<void> {
    this.images.delete(id);
    this.data.delete(id);
  }

  async remove(id: string): Promise<void> {
    if (this.images.get(id)?.protected) throw forbidden(`Image ${id} is protected and cannot be deleted.`);
    await this.discard(id);
  }

  async list(
    caller: Credentials,
    filter: { properties?: Readonly<Record<string, string>> },
  ): Promise<ImageFacts[]> {
    return [...this.images.values()].filter(
      (image) =>
        (image.visibility === 'public' || image.projectId === caller.projectId) &&
        Object.entries(filter.properties ?? {}).every(([key, value]) => image.properties[key] === value),
    );
  }
}
