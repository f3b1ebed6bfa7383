import { constants, existsSync } from 'node:fs';
import { open, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { endProcess, isAlive, type ProcessId, processId, waitForEnd } from '#kit/process/proc.ts';
import { QmpClient } from '#protocols/qmp/client.ts';
import type { RunState } from '#protocols/qmp/commands.ts';

import { type GuestPaths, guestPaths } from './layout.ts';

/** How a guest's process ended: it was shut down, from inside or by us, or it died. */
export type Ending = 'shutdown' | 'crashed';

/** Events after which the run state may be another one. */
const statusEvents = new Set(['SHUTDOWN', 'STOP', 'RESUME', 'GUEST_PANICKED', 'WATCHDOG']);
const reconnectMs = 1000;
const killTimeoutMs = 30_000;
const settleTimeoutMs = 30_000;

/** A guest's QEMU: its process, the session with its monitor and the state it was last heard to be in. */
export class GuestProcess {
  readonly id: ProcessId;
  /** Resolves once the process is gone. Never, when we let go of it first. */
  readonly ended: Promise<Ending>;
  readonly #paths: GuestPaths;
  readonly #statusChanged: () => void;
  #qmp: QmpClient;
  #status: RunState = 'prelaunch';
  #detached = false;
  #gone = false;

  private constructor(id: ProcessId, qmp: QmpClient, paths: GuestPaths, statusChanged: () => void) {
    this.id = id;
    this.#qmp = qmp;
    this.#paths = paths;
    this.#statusChanged = statusChanged;
    this.ended = new Promise((resolve) => void this.#watch(resolve));
  }

  /** Opens a session with a running QEMU. Throws `QmpLost` when its monitor does not answer. */
  static async attach(id: ProcessId, paths: GuestPaths, statusChanged: () => void): Promise<GuestProcess> {
    return GuestProcess.of(id, await QmpClient.connect(paths.monitor), paths, statusChanged);
  }

  /** Takes over a session. */
  static async of(
    id: ProcessId,
    qmp: QmpClient,
    paths: GuestPaths,
    statusChanged: () => void,
  ): Promise<GuestProcess> {
    const guest = new GuestProcess(id, qmp, paths, statusChanged);
    await guest.refresh();
    return guest;
  }

  get qmp(): QmpClient {
    return this.#qmp;
  }

  get status(): RunState {
    return this.#status;
  }

  /** Waits until it is known whether a process whose monitor fell silent is gone. */
  async settle(): Promise<void> {
    const deadline = Date.now() + settleTimeoutMs;
    while (!this.#gone && !(this.#qmp.open && isAlive(this.id)) && Date.now() < deadline) await sleep(5);
  }

  /** Asks what state it is in, rather than waiting to be told. */
  async refresh(): Promise<RunState> {
    const { status } = await this.#qmp.execute('query-status', undefined);
    this.#status = status;
    return status;
  }

  /** Ends QEMU at once; whatever the guest had not written is lost, as when a plug is pulled. */
  async kill(): Promise<void> {
    await endProcess(this.id, 'SIGKILL', killTimeoutMs);
    if (isAlive(this.id)) throw new Error(`process ${this.id.pid} does not die`);
    await rm(this.#paths.pid, { force: true });
    await this.ended;
  }

  /** Lets QEMU end itself in an orderly way, with what its disks still hold in memory; kills it past the time-out. */
  async quit(timeoutMs: number): Promise<void> {
    void this.#qmp.execute('quit', undefined).catch(() => {});
    if (await waitForEnd(this.id, timeoutMs)) await this.ended;
    else await this.kill();
  }

  /** Closes the session; the guest runs on. */
  detach(): void {
    this.#detached = true;
    this.#qmp.close();
  }

  async #watch(gone: (ending: Ending) => void): Promise<void> {
    while (!this.#detached) {
      const stop = this.#qmp.onEvent(({ event }) => statusEvents.has(event) && void this.#update());
      await this.#qmp.closed;
      stop();
      if (this.#detached) return;
      // the kernel closes a dying process's sockets a moment before the process is gone
      if (await waitForEnd(this.id, 2000)) {
        this.#gone = true;
        return gone(endingOf(this.#paths));
      }
      await this.#reconnect();
    }
  }

  async #reconnect(): Promise<void> {
    while (!this.#detached && isAlive(this.id)) {
      try {
        this.#qmp = await QmpClient.connect(this.#paths.monitor);
        await this.#update();
        return;
      } catch {
        await sleep(reconnectMs, undefined, { ref: false });
      }
    }
  }

  async #update(): Promise<void> {
    const before = this.#status;
    const now = await this.refresh().catch(() => before);
    if (now !== before) this.#statusChanged();
  }
}

/** How a process ended that is gone: QEMU removes its pid file as the last thing it does on purpose. */
export const endingOf = (paths: GuestPaths): Ending => (existsSync(paths.pid) ? 'crashed' : 'shutdown');

/** The pid in the file QEMU wrote, if that process is a QEMU for this file; undefined otherwise. */
export async function readPid(path: string): Promise<ProcessId | undefined> {
  try {
    // the guest user could have put something else in the file's place
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
      const pid = Number(buffer.toString('latin1', 0, bytesRead));
      if (!Number.isInteger(pid) || pid <= 1) return undefined;
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      return pidFileIn(line) === path ? processId(pid) : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Every process below `guests`, by guest id: QEMUs, and what is about to become one. Only our own and the guest user's count.
 * `proc` is where the kernel tells of processes.
 */
export async function findProcesses(
  guests: string,
  uid: number,
  proc = '/proc',
): Promise<Map<string, ProcessId[]>> {
  const found = new Map<string, ProcessId[]>();
  const users = new Set([uid, process.getuid!()]);
  for (const name of await readdir(proc)) {
    const pid = Number(name);
    const guest = pid ? await guestOf(join(proc, name), guests) : undefined;
    const id = guest === undefined ? undefined : processId(pid);
    if (guest === undefined || !id || !users.has(await ownerOf(join(proc, name)))) continue;
    found.set(guest, [...(found.get(guest) ?? []), id]);
  }
  return found;
}

/**
 * The guest below `guests` whose QEMU a process is, or is about to become. While one program takes the place of another it
 * has no command line, for a moment or, with a slow disk, for longer: then it is known by the file its words go to, whose
 * name the kernel tells without symbolic links.
 */
async function guestOf(process: string, guests: string): Promise<string | undefined> {
  const line = await readFile(join(process, 'cmdline'), 'utf8').catch(() => undefined);
  if (line) return guestWith('pid', pidFileIn(line), guests);
  const words = await readlink(join(process, 'fd', '2')).catch(() => undefined);
  return guestWith('words', words, await realpath(guests));
}

/** The guest below `guests` that has this file in this role. */
function guestWith(role: 'pid' | 'words', path: string | undefined, guests: string): string | undefined {
  if (!path?.startsWith(`${guests}/`)) return undefined;
  const id = path.slice(guests.length + 1).split('/', 1)[0]!;
  return guestPaths(guests, id)[role] === path ? id : undefined;
}

/** The argument of `-pidfile` in a command line, by which our QEMUs are recognized. */
function pidFileIn(commandLine: string): string | undefined {
  const words = commandLine.split('\0');
  const flag = words.lastIndexOf('-pidfile');
  return flag < 0 ? undefined : words[flag + 1];
}

async function ownerOf(process: string): Promise<number> {
  const status = await readFile(join(process, 'status'), 'utf8').catch(() => '');
  return Number(/^Uid:\t(\d+)/m.exec(status)?.[1] ?? Number.NaN);
}
