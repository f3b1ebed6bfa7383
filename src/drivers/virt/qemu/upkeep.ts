import { statfs } from 'node:fs/promises';

import { messageOf } from '#kit/errors/cloud-error.ts';

import { boundLog } from './console.ts';
import type { Guest } from './guest.ts';
import type { QemuHost } from './host.ts';

const everyMs = 2000;
/** QEMU says little, but a guest can make it say the same thing without end. */
const wordsKept = 256 * 1024;
/** A guest that stopped since the host's disk was full goes on when there is this much room again, or a twentieth of the disk. */
const roomToGoOn = 256 * 2 ** 20;

/** What running guests need from time to time: logs kept short, and a push when they stopped for want of room. */
export class Upkeep {
  readonly #host: QemuHost;
  readonly #guests: () => Iterable<Guest>;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;

  constructor(host: QemuHost, guests: () => Iterable<Guest>) {
    this.#host = host;
    this.#guests = guests;
    this.#timer = setInterval(() => {
      this.#round ??= this.run().finally(() => {
        this.#round = undefined;
      });
    }, everyMs).unref();
  }

  /** One round over all guests that run. */
  async run(): Promise<void> {
    for (const guest of this.#guests()) {
      if (!guest.process) continue;
      await this.#look(guest).catch((error: unknown) =>
        this.#host.log.warn({ err: error, guest: guest.id }, `upkeep: ${messageOf(error)}`),
      );
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #look(guest: Guest): Promise<void> {
    const { options, guests, log } = this.#host;
    await boundLog(guest.paths.consoleLog, options.console_log_kb * 1024);
    await boundLog(guest.paths.words, wordsKept);
    if (!waitsForRoom(guest)) return;
    const { bavail, blocks, bsize } = await statfs(guests);
    // something may have been begun with it meanwhile
    if (bavail * bsize < Math.min(roomToGoOn, (blocks * bsize) / 20) || !waitsForRoom(guest)) return;
    log.info({ guest: guest.id }, 'there is room again: the guest goes on');
    await guest.process!.qmp.execute('cont', undefined);
  }
}

/** Whether a guest stopped for want of room, and nobody but us is to let it go on. */
const waitsForRoom = (guest: Guest): boolean =>
  guest.process?.status === 'io-error' && !guest.held && !guest.busy;
