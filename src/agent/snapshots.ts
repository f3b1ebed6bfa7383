import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { callControl, castControl } from '#contracts/agent.ts';
import type { VirtDriver } from '#drivers/virt/driver.ts';
import type { Bus } from '#kit/bus/bus.ts';
import { isKind } from '#kit/errors/cloud-error.ts';

import type { Guests } from './guests.ts';

const chunkBytes = 1 << 20;
const retryMs = 500;
const patienceMs = 120_000;

/** Takes snapshots of guests and hands them to the image service. */
export class Snapshots {
  readonly #bus: Bus;
  readonly #host: string;
  readonly #guests: Guests;
  readonly #virt: VirtDriver;
  readonly #running = new Map<string, Promise<{ format: string }>>();

  constructor(parts: { bus: Bus; host: string; guests: Guests; virt: VirtDriver }) {
    this.#bus = parts.bus;
    this.#host = parts.host;
    this.#guests = parts.guests;
    this.#virt = parts.virt;
  }

  /**
   * Writes a guest's root disk into the image `imageId`. The guest is free for other operations while its snapshot is
   * uploaded. Asked again for the same image while at it, it answers both alike.
   */
  take(id: string, imageId: string): Promise<{ format: string }> {
    const known = this.#running.get(imageId);
    if (known) return known;
    const taking = this.#take(id, imageId).finally(() => this.#running.delete(imageId));
    this.#running.set(imageId, taking);
    return taking;
  }

  async #take(id: string, imageId: string): Promise<{ format: string }> {
    const { path, format } = await this.#guests.snapshot(id, imageId);
    try {
      // only shown to the guest's owner
      await castControl(this.#bus, 'guest.uploading', { host: this.#host, id }).catch(() => {});
      const size = await this.#upload(path, imageId);
      await this.#patiently(() =>
        callControl(this.#bus, 'image.finish', { id: imageId, size }, { timeoutMs: 600_000 }),
      );
      return { format };
    } finally {
      await this.#virt.discardSnapshot(id, imageId);
    }
  }

  /** Answers how many bytes there were. */
  async #upload(path: string, imageId: string): Promise<number> {
    const file = await open(path, 'r');
    try {
      for (let offset = 0; ;) {
        const buffer = Buffer.allocUnsafe(chunkBytes);
        const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
        if (bytesRead === 0) return offset;
        const args = { id: imageId, offset, data: buffer.subarray(0, bytesRead) };
        await this.#patiently(() => callControl(this.#bus, 'image.write', args));
        offset += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  /** Repeats a call while control is out of reach, for some time. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    for (const deadline = Date.now() + patienceMs; ; await sleep(retryMs)) {
      try {
        return await call();
      } catch (error) {
        if (!isKind(error, 'unavailable') || Date.now() > deadline) throw error;
      }
    }
  }
}
