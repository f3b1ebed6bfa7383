import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { isUuidLike } from '#kit/ids/ids.ts';

import { bootId } from './capabilities.ts';
import type { Guest } from './guest.ts';
import type { QemuHost } from './host.ts';
import { kill } from './launch.ts';
import { endingOf, findProcesses, GuestProcess, readPid } from './process.ts';
import { forgetSnapshots } from './snapshot.ts';

const patienceMs = 30_000;

/** Ids of the guests that have a directory; removes what was left of directories on their way out. */
export async function guestIds(host: QemuHost): Promise<string[]> {
  const names = await readdir(host.guests);
  for (const name of names.filter((n) => n.endsWith('.gone')))
    await rm(join(host.guests, name), { recursive: true, force: true });
  return names.filter(isUuidLike);
}

/** Takes guests in hand that an earlier driver left, running or not, each in whatever it was in the middle of. */
export async function adoptAll(host: QemuHost, guests: readonly Guest[]): Promise<void> {
  const running = await findProcesses(host.guests, host.user?.uid ?? process.getuid!());
  await Promise.all(guests.map((guest) => adopt(host, guest, running.has(guest.id))));
}

async function adopt(host: QemuHost, guest: Guest, runs: boolean): Promise<void> {
  if (!(await guest.load())) {
    // never completely made: whoever asked for it asks again, or has it removed
    if (runs) await kill(host, guest);
    return;
  }
  if (runs) await takeInHand(host, guest);
  if (!guest.process) {
    const sameBoot = guest.manifest.startedIn === bootId();
    guest.foundEnded(
      guest.stray || (sameBoot && endingOf(guest.paths) === 'crashed') ? 'crashed' : 'shutdown',
    );
  }
  await guest.sweep();
  await forgetSnapshots(guest);
  guest.believed();
}

async function takeInHand(host: QemuHost, guest: Guest): Promise<void> {
  const process = await attach(host, guest);
  if (!process) return;
  guest.hold(process);
  const { status } = process;
  // it had not begun to run, or its whole state is in a file: from there it can be started as if this had not happened
  if (status === 'prelaunch' || status === 'inmigrate' || guest.manifest.saved) await kill(host, guest);
  else await process.qmp.execute('set-action', { shutdown: 'poweroff' });
}

/** Connects to a guest's monitor, which may be about to appear; undefined when the process ends meanwhile. */
async function attach(host: QemuHost, guest: Guest): Promise<GuestProcess | undefined> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(100)) {
    try {
      const id = await readPid(guest.paths.pid);
      if (id) return await GuestProcess.attach(id, guest.paths, () => guest.check());
      const alive = await findProcesses(host.guests, host.user?.uid ?? process.getuid!());
      if (!alive.has(guest.id)) return undefined;
      if (Date.now() > deadline) throw new Error('it has no pid file');
    } catch (error) {
      if (Date.now() < deadline) continue;
      host.log.error({ err: error, guest: guest.id }, 'a guest runs but does not answer');
      guest.stray = true;
      return undefined;
    }
  }
}
