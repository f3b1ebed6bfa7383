import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { lchown, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { CloudError, conflict } from '#kit/errors/cloud-error.ts';
import { needingRoom } from '#kit/files/disk-full.ts';

import { removeTree, syncFile } from './files.ts';
import type { Guest } from './guest.ts';
import type { QemuHost } from './host.ts';
import { launch } from './launch.ts';
import type { Manifest } from './manifest.ts';
import type { GuestProcess } from './process.ts';

const pollMs = 20;
/** Memory goes through a local socket: as fast as it can. */
const bandwidth = 4 * 2 ** 30;

/**
 * Saves a running guest's state to a file and ends its process. QEMU sends the state over a socket, since it may not start
 * the program it would need to write a file by itself. A guest whose state could not be saved goes on as it was.
 */
export async function suspend(host: QemuHost, guest: Guest): Promise<void> {
  if (guest.manifest.saved && !guest.process) return;
  const process = guest.running('suspended');
  if (!guest.manifest.saved) {
    await giveUpEarlier(process);
    const wasRunning = process.status !== 'paused';
    // an earlier attempt got this far, and its file is not to be trusted: QEMU saves a state only once
    if (process.status === 'postmigrate') await process.qmp.execute('cont', undefined);
    await process.qmp.execute('stop', undefined);
    try {
      await needingRoom(`the state of guest ${guest.id}`, async () => {
        const name = await guest.newName('saved');
        await saveTo(host, guest, process, guest.path(name));
        await guest.commit({ saved: name });
      });
    } catch (error) {
      if (wasRunning) await process.qmp.execute('cont', undefined).catch(() => {});
      throw error;
    }
  }
  await process.kill();
  await host.cgroups.remove(guest.id);
  await guest.commit({ startedIn: null });
}

/** Starts a guest from its saved state. It runs only after the state is gone, so that it can never be used twice. */
export async function resume(host: QemuHost, guest: Guest, change: Partial<Manifest>): Promise<void> {
  const { saved } = guest.manifest;
  if (!saved) {
    // resumed before, up to the very last step
    const process = guest.running('resumed');
    await process.qmp.execute('cont', undefined);
    await process.refresh();
    return;
  }
  await guest.process?.kill();
  const process = await launch(host, guest, change, true);
  try {
    await loadFrom(process, guest.path(saved), guest.paths.migration);
  } catch (error) {
    await process.kill();
    await host.cgroups.remove(guest.id);
    throw error;
  }
  await discard(guest);
  await process.qmp.execute('cont', undefined);
  await process.refresh();
}

/** Lets go of a saved state. */
export async function discard(guest: Guest): Promise<void> {
  const { saved } = guest.manifest;
  if (!saved) return;
  await guest.commit({ saved: null });
  await removeTree(guest.path(saved));
}

async function saveTo(host: QemuHost, guest: Guest, process: GuestProcess, path: string): Promise<void> {
  const { migration } = guest.paths;
  const server = await listen(migration, host);
  try {
    const arrival = once(server, 'connection') as Promise<[Socket]>;
    arrival.catch(() => {});
    await process.qmp.execute('migrate-set-parameters', { 'max-bandwidth': bandwidth });
    await process.qmp.execute('migrate', { uri: `unix:${migration}` });
    const [socket] = await Promise.race([arrival, untilMigrated(process).then(() => arrival)]);
    const written = pipeline(socket, createWriteStream(path, { mode: 0o600 }));
    written.catch(() => process.qmp.execute('migrate_cancel', undefined).catch(() => {}));
    const sent = untilMigrated(process);
    sent.catch(() => {});
    // when both fail, it is because we could not write
    await written;
    await sent;
    await syncFile(path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    server.close();
    await rm(migration, { force: true });
  }
}

/** Ends what an agent had begun that was killed: QEMU takes a while to notice that nobody reads what it sends. */
async function giveUpEarlier(process: GuestProcess): Promise<void> {
  for (;;) {
    const { status } = await process.qmp.execute('query-migrate', undefined);
    if (status === undefined || migrated.has(status)) break;
    await process.qmp.execute('migrate_cancel', undefined);
    await sleep(pollMs);
  }
  await process.refresh();
}

/** How the sending of a state ends, or that none was ever sent. */
const migrated: ReadonlySet<string> = new Set(['none', 'completed', 'failed', 'cancelled']);

async function untilMigrated(process: GuestProcess): Promise<void> {
  for (;;) {
    const { status, 'error-desc': why } = await process.qmp.execute('query-migrate', undefined);
    if (status === 'completed') return;
    if (status === 'failed' || status === 'cancelled')
      throw new CloudError('internal', `The state could not be saved: ${why ?? status}.`);
    await sleep(pollMs);
  }
}

const closedByQemu: ReadonlySet<string> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ECONNRESET']);

/** What a guest is in once its state came in; the latter if it waited for room on the disk when it was saved. */
const loaded: ReadonlySet<string> = new Set(['paused', 'io-error']);

async function loadFrom(process: GuestProcess, path: string, migration: string): Promise<void> {
  const socket = createConnection(migration);
  await once(socket, 'connect');
  await pipeline(createReadStream(path), socket).catch((error: NodeJS.ErrnoException) => {
    // QEMU closes once it has the last byte, maybe before our end of the stream is through; how it went, its status tells
    if (!closedByQemu.has(error.code ?? '')) throw error;
  });
  while ((await process.refresh()) === 'inmigrate') await sleep(pollMs);
  if (!loaded.has(process.status)) throw conflict(`the saved state could not be loaded: ${process.status}`);
}

/** A socket QEMU may connect to, though it is another account's. */
async function listen(path: string, { user }: QemuHost): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  if (user) await lchown(path, user.uid, user.gid);
  return server;
}
