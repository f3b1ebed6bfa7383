import type { FileHandle } from 'node:fs/promises';

import type { Clock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import { badRequest, type CloudError, gone, tooLarge } from '#kit/errors/cloud-error.ts';
import { newHexId } from '#kit/ids/ids.ts';
import type { Loop } from '#kit/loop/loops.ts';

import { fileName, type FileStore, storageError } from '../files/file-store.ts';
import type { DataFacts, Receiver } from '../files/receive.ts';
import { noSuchImage } from '../images/errors.ts';
import type { ImageChanges, ImageRecord } from '../images/record.ts';
import { checkTransition } from '../images/state.ts';
import type { ImageStore } from '../images/store.ts';
import { diskOf, inspect } from '../inspection/inspect.ts';
import type { imageOptions } from '../options.ts';
import type { Quotas } from '../usage/quotas.ts';

/** What transfers work with. */
export interface TransferParts {
  readonly images: ImageStore;
  readonly files: FileStore;
  readonly receiver: Receiver;
  readonly quotas: Quotas;
  readonly clock: Clock;
  readonly options: Values<typeof imageOptions>;
}

/** Data on its way to the service. */
export interface Incoming {
  readonly source: AsyncIterable<Uint8Array>;
  /** How many bytes were announced, if any number was. */
  readonly size: number | undefined;
}

const leaseMs = 60_000;
const renewMs = 15_000;

/** Changes that take an image back to having no data. */
export const emptied: ImageChanges = {
  status: 'queued',
  size: null,
  virtualSize: null,
  upload: null,
  uploadUntil: null,
};

/**
 * Puts data into images. Each transfer has an id, under which its image waits and its file is written; only the transfer
 * an image waits for may complete it. One that gives no sign of life for a minute is dead, and its image queued again.
 */
export class Transfers {
  readonly #parts: TransferParts;
  /** The transfers of this process. */
  readonly #live = new Set<string>();

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /** Takes the data of an image, which is active afterwards. */
  async upload(id: string, incoming: Incoming): Promise<void> {
    await this.#transfer(id, 'saving', incoming, async (image, name, facts) => {
      const { files } = this.#parts;
      const file = await files.open('incoming', name);
      const virtualSize = await this.#inspect(file, facts.size, image).finally(() => file.close());
      await files.move('incoming', 'data', name);
      return this.#completed(name, facts, virtualSize);
    });
  }

  /** Takes data that waits for its import. */
  async stage(id: string, incoming: Incoming): Promise<void> {
    await this.#transfer(id, 'uploading', incoming, async (_image, name, facts) => {
      await this.#parts.files.move('incoming', 'staging', name);
      return { size: facts.size, uploadUntil: null };
    });
  }

  /** Writes data to a new file under `incoming` and has it on the disk. Throws as Glance does for what does not fit. */
  async receive(name: string, { source, size }: Incoming): Promise<DataFacts> {
    const { files, receiver, options } = this.#parts;
    const cap = options.image_size_cap;
    if (size !== undefined && size > cap) throw overCap();
    await files.requireSpace(size ?? 0);
    const file = await files.create(name);
    try {
      const facts = await receiver.receive(source, file, (bytes) => (bytes > cap ? overCap() : undefined));
      if (size !== undefined && facts.size !== size)
        throw badRequest(`The image was announced to have ${size} bytes, but ${facts.size} came.`);
      return facts;
    } catch (error) {
      throw storageError(error);
    } finally {
      await file.close();
    }
  }

  /** Hashes and inspects a file of an image that was written piece by piece, and answers what makes the image active. */
  async examine(file: FileHandle, name: string, image: ImageRecord): Promise<ImageChanges> {
    await file.datasync();
    const facts = await this.#parts.receiver.hash(file);
    return this.#completed(name, facts, await this.#inspect(file, facts.size, image));
  }

  /**
   * Takes an image back that waits for this transfer, and removes what the transfer wrote. The file goes first: when the
   * disk is full, the database needs the room. Answers whether the image did wait for it.
   */
  async giveUp(id: string, upload: string): Promise<boolean> {
    const { images, files } = this.#parts;
    const name = fileName(id, upload);
    await files.remove('incoming', name);
    let waited = false;
    const image = await images.change(id, (now) => {
      waited = now.upload === upload;
      return waited ? emptied : undefined;
    });
    await files.remove('staging', name);
    // an error may hide that the image was completed after all
    if (image?.data !== name) await files.remove('data', name);
    return waited;
  }

  /** Takes images back whose transfers are dead; `all` that are waited for, when no other process can be at work. */
  async giveUpDead(all: boolean): Promise<void> {
    const { images, clock } = this.#parts;
    const dead = await images.withDeadUpload(all ? undefined : clock.now());
    for (const { id, upload } of dead) if (upload !== null) await this.giveUp(id, upload);
  }

  readonly loop: Loop = {
    name: 'image.uploads',
    everyMs: renewMs,
    run: async () => {
      await this.#parts.images.renew([...this.#live], this.#until());
      await this.giveUpDead(false);
    },
  };

  async #transfer(
    id: string,
    status: 'saving' | 'uploading',
    incoming: Incoming,
    complete: (image: ImageRecord, name: string, facts: DataFacts) => Promise<ImageChanges>,
  ): Promise<void> {
    const upload = newHexId();
    const image = await this.#begin(id, status, upload);
    this.#live.add(upload);
    try {
      await this.#parts.quotas.check(image.owner, { image_count_uploading: 0 });
      const name = fileName(id, upload);
      const facts = await this.receive(name, incoming);
      const changes = await complete(image, name, facts);
      await this.#finish(id, status, upload, changes);
    } catch (error) {
      // with the image its files went away, and that is what failed
      throw (await this.giveUp(id, upload)) ? error : wentAway(id);
    } finally {
      this.#live.delete(upload);
    }
  }

  /** What a guest would see of a file, in bytes; throws when it is not what the image declares, or not safe. */
  async #inspect(file: FileHandle, size: number, image: ImageRecord): Promise<number | null> {
    const { options } = this.#parts;
    return inspect(await diskOf(file, size), image, {
      requireMatch: options.require_image_format_match,
      nonfatal: options.gpt_safety_checks_nonfatal,
    });
  }

  async #begin(id: string, status: 'saving' | 'uploading', upload: string): Promise<ImageRecord> {
    const image = await this.#parts.images.change(id, (now) => {
      checkTransition(now, status);
      return { status, upload, uploadUntil: this.#until() };
    });
    if (!image) throw noSuchImage(id);
    return image;
  }

  async #finish(id: string, status: string, upload: string, changes: ImageChanges): Promise<void> {
    const image = await this.#parts.images.change(id, (now) => {
      if (now.status !== status || now.upload !== upload) throw wentAway(id);
      return changes;
    });
    if (!image) throw wentAway(id);
  }

  #completed(name: string, facts: DataFacts, virtualSize: number | null): ImageChanges {
    return {
      status: 'active',
      size: facts.size,
      virtualSize,
      checksum: facts.checksum,
      hashAlgorithm: this.#parts.options.hashing_algorithm,
      hashValue: facts.hash,
      data: name,
      upload: null,
      uploadUntil: null,
    };
  }

  #until(): number {
    return this.#parts.clock.now() + leaseMs;
  }
}

const overCap = (): CloudError =>
  tooLarge('The incoming image is too large: The provided image is too large.');

const wentAway = (id: string): CloudError =>
  gone(
    `Image ${id} could not be found after upload. The image may have been deleted during the upload, cleaning up the chunks uploaded.`,
  );
