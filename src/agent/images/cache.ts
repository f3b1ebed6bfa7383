import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  utimes,
} from 'node:fs/promises';
import { join } from 'node:path';

import type { GuestImage } from '#contracts/guest.ts';
import type { ImageFiles } from '#drivers/virt/driver.ts';
import type { GuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { convertImage, imageInfo } from '#drivers/virt/qemu/qemu-img.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { badRequest, CloudError } from '#kit/errors/cloud-error.ts';
import { isDiskFull } from '#kit/files/disk-full.ts';
import { replaceFile, syncDirectory } from '#kit/files/durable.ts';
import { isUuidLike } from '#kit/ids/ids.ts';
import type { Logger } from '#kit/log/log.ts';

import { download } from './download.ts';
import { declaredDriver, detectFormat, qcow2NeedsOthers } from './format.ts';

/** A cached image as its `info.json` describes it. */
interface CachedInfo {
  readonly format: string;
  readonly virtualSize: number;
  /** Of the image as fetched: an image whose data changed is fetched anew. */
  readonly size: number;
  readonly hash: string | null;
}

/** What the cache is made of. */
export interface ImageCacheParts {
  readonly bus: Bus;
  /** Absolute path; made when it is not there. */
  readonly directory: string;
  /** Who may read images, and whom hostile ones are inspected as. */
  readonly guestUser: GuestUser | undefined;
  /** How long an image nobody uses is kept, in milliseconds. */
  readonly ageMs: number;
  readonly log: Logger;
}

/** Formats a guest runs on directly; everything else is converted into qcow2 once. */
const runnable = new Set(['qcow2', 'raw']);

/**
 * Base images on this host: `<image id>/disk` and `<image id>/info.json`, complete or not there at all. Guests that use
 * an image hold a hard link to its disk, so it may be removed here at any time without harm to them.
 */
export class ImageCache implements ImageFiles {
  readonly #parts: ImageCacheParts;
  readonly #fetching = new Map<string, Promise<CachedInfo>>();

  private constructor(parts: ImageCacheParts) {
    this.#parts = parts;
  }

  /** Opens a cache and removes what an earlier agent left half done. */
  static async open(parts: ImageCacheParts): Promise<ImageCache> {
    await mkdir(parts.directory, { recursive: true, mode: 0o710 });
    await own(parts.directory, 0o710, parts.guestUser);
    for (const name of await readdir(parts.directory))
      if (!isUuidLike(name)) await rm(join(parts.directory, name), { recursive: true, force: true });
    return new ImageCache(parts);
  }

  /**
   * The image as a local file, fetched, verified, inspected and if need be converted first. Throws `badRequest` for an
   * image no guest may run on and `internal` when it cannot be fetched or there is no room for it.
   */
  async ensure(image: GuestImage): Promise<{ path: string; format: string; virtualSize: number }> {
    if (!isUuidLike(image.id)) throw badRequest(`${JSON.stringify(image.id)} is not an image's id`);
    const { format, virtualSize } = (await this.#cached(image)) ?? (await this.#fetchOnce(image));
    return { path: join(this.#home(image.id), 'disk'), format, virtualSize };
  }

  /** Removes images that no guest uses and nobody asked for in a long time. */
  async expire(now = Date.now()): Promise<void> {
    const { directory, ageMs, log } = this.#parts;
    for (const id of await readdir(directory)) {
      if (!isUuidLike(id) || this.#fetching.has(id)) continue;
      const disk = await stat(join(directory, id, 'disk')).catch(() => undefined);
      const info = await stat(join(directory, id, 'info.json')).catch(() => undefined);
      if (disk && info && (disk.nlink > 1 || info.mtimeMs > now - ageMs)) continue;
      log.info({ image: id }, 'removing an image nobody uses');
      await this.#remove(id);
    }
  }

  /** What is known of a cached image; marks it as used now. */
  async #cached(image: GuestImage): Promise<CachedInfo | undefined> {
    if (this.#fetching.has(image.id)) return undefined;
    const path = join(this.#home(image.id), 'info.json');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const info = JSON.parse(text) as CachedInfo;
    if (info.hash !== image.hash || info.size !== image.size) return undefined;
    await utimes(path, new Date(), new Date());
    return info;
  }

  /** Those who want an image that is being fetched wait for the same download. */
  #fetchOnce(image: GuestImage): Promise<CachedInfo> {
    let fetching = this.#fetching.get(image.id);
    if (!fetching) {
      fetching = this.#fetch(image).finally(() => this.#fetching.delete(image.id));
      this.#fetching.set(image.id, fetching);
    }
    return fetching;
  }

  async #fetch(image: GuestImage): Promise<CachedInfo> {
    const { directory, guestUser, bus, log } = this.#parts;
    const scratch = join(directory, `${image.id}.${randomBytes(4).toString('hex')}.tmp`);
    const started = performance.now();
    try {
      await this.#requireRoom(image);
      await mkdir(scratch, { mode: 0o710 });
      await own(scratch, 0o710, guestUser);
      const fetched = join(scratch, 'disk');
      await download(bus, image, fetched);
      await own(fetched, 0o440, guestUser);
      const info = { ...(await this.#prepare(image, fetched)), size: image.size, hash: image.hash };
      await replaceFile(join(scratch, 'info.json'), JSON.stringify(info), { mode: 0o600 });
      await this.#remove(image.id);
      await rename(scratch, this.#home(image.id));
      await syncDirectory(directory);
      log.info(
        { image: image.id, bytes: image.size, ms: Math.round(performance.now() - started) },
        'image fetched',
      );
      return info;
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw isDiskFull(error) ? noRoom(image) : error;
    }
  }

  /** Inspects a fetched file and makes it one a guest runs on. */
  async #prepare(image: GuestImage, path: string): Promise<{ format: string; virtualSize: number }> {
    const { guestUser } = this.#parts;
    const info = await inspect(image, path, guestUser);
    if (runnable.has(info.format)) return info;
    const converted = `${path}.qcow2`;
    await (await open(converted, 'wx', 0o600)).close();
    await own(converted, 0o600, guestUser, guestUser?.uid);
    await convertImage({ path, format: info.format }, { path: converted, format: 'qcow2' }, guestUser);
    await own(converted, 0o440, guestUser);
    const file = await open(converted, 'r');
    await file.sync();
    await file.close();
    await rename(converted, path);
    return { format: 'qcow2', virtualSize: info.virtualSize };
  }

  async #requireRoom(image: GuestImage): Promise<void> {
    const { bavail, bsize } = await statfs(this.#parts.directory);
    if (bavail * bsize < image.size) throw noRoom(image);
  }

  /** Out of sight first, so that a crash leaves no half of an image under its name. */
  async #remove(id: string): Promise<void> {
    const grave = `${this.#home(id)}.${randomBytes(4).toString('hex')}.tmp`;
    await rename(this.#home(id), grave).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(grave, { recursive: true, force: true });
  }

  #home(id: string): string {
    return join(this.#parts.directory, id);
  }
}

/** Makes sure an image is what it was declared as and stands alone. Throws `badRequest` in Nova's words. */
async function inspect(
  image: GuestImage,
  path: string,
  user: GuestUser | undefined,
): Promise<{ format: string; virtualSize: number }> {
  const refuse = (reason: string) => badRequest(`Image ${image.id} is unacceptable: ${reason}`);
  const declared = declaredDriver(image.format);
  if (!declared) throw refuse(`the format ${image.format} is not supported`);
  const real = await detectFormat(path);
  if (real !== declared) throw refuse(`it was declared as ${image.format} but its content is ${real}`);
  if (real === 'qcow2' && (await qcow2NeedsOthers(path))) throw refuse('it needs another file');
  const info = await imageInfo(path, real, user).catch((error: unknown) => {
    throw refuse(`it cannot be read: ${(error as Error).message}`);
  });
  if (info.otherFiles.length > 0) throw refuse('it needs another file');
  return { format: real, virtualSize: info.virtualSize };
}

/** Root keeps the file, the guest user's group may read it; without root everything is ours anyway. */
async function own(path: string, mode: number, user: GuestUser | undefined, uid = 0): Promise<void> {
  if (user) await chown(path, uid, user.gid);
  await chmod(path, mode);
}

const noRoom = (image: GuestImage): CloudError =>
  new CloudError('internal', `There is no room on this host for image ${image.id} (${image.size} bytes).`);
