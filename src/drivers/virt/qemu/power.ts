import { setTimeout as sleep } from 'node:timers/promises';

import { conflict } from '#kit/errors/cloud-error.ts';
import { isDiskFull } from '#kit/files/disk-full.ts';
import { QmpLost } from '#protocols/qmp/client.ts';

import type { Guest } from './guest.ts';
import type { QemuHost } from './host.ts';
import type { GuestProcess } from './process.ts';

/** How often a guest is asked again: one that is still booting does not hear its power button. */
const askEveryMs = 5000;
const quitTimeoutMs = 10_000;

/** Turns a guest off. With a time-out it is asked first, and the plug is pulled when it did not do it by then. */
export async function powerOff(host: QemuHost, guest: Guest, timeoutMs: number): Promise<void> {
  const { process } = guest;
  if (process) {
    if (timeoutMs > 0 && process.status === 'running') await askToShutDown(process, timeoutMs);
    if (guest.process) await process.quit(quitTimeoutMs);
  }
  await host.cgroups.remove(guest.id);
  guest.foundEnded('shutdown');
  if (guest.manifest.startedIn === null) return;
  await guest.commit({ startedIn: null }).catch((error: unknown) => {
    // without that note it is told by the pid file, which QEMU took with it: that it was stopped is lost to nobody
    if (!isDiskFull(error)) throw error;
    host.log.warn({ err: error, guest: guest.id }, 'there is no room to note that a guest was stopped');
  });
}

/** Presses the power button, again and again, until the guest is off or the time is over. */
async function askToShutDown(process: GuestProcess, timeoutMs: number): Promise<void> {
  const off = process.ended.then(() => true);
  for (let left = timeoutMs; left > 0; left -= askEveryMs) {
    await process.qmp.execute('system_powerdown', undefined).catch(() => {});
    const wait = Math.min(askEveryMs, left);
    if (await Promise.race([off, sleep(wait, false, { ref: false })])) return;
  }
}

/**
 * Asks a guest to shut down and starts it again in the same process; answers whether it did within the time-out. While it
 * is at it QEMU stays when the guest goes off.
 */
export async function softReboot(guest: Guest, timeoutMs: number): Promise<boolean> {
  const { process } = guest;
  if (process?.status !== 'running' && process?.status !== 'shutdown') return false;
  const { qmp } = process;
  try {
    await qmp.execute('set-action', { shutdown: 'pause' });
    if (!(await untilShutDown(process, timeoutMs))) return false;
    await qmp.execute('system_reset', undefined);
    await qmp.execute('cont', undefined);
    await process.refresh();
    return true;
  } catch (error) {
    // it went off a moment before it was asked
    if (error instanceof QmpLost) return false;
    throw error;
  } finally {
    await qmp.execute('set-action', { shutdown: 'poweroff' }).catch(() => {});
  }
}

async function untilShutDown(process: GuestProcess, timeoutMs: number): Promise<boolean> {
  const { qmp } = process;
  const deadline = Date.now() + timeoutMs;
  while ((await process.refresh()) !== 'shutdown') {
    const left = Math.min(askEveryMs, deadline - Date.now());
    if (left <= 0) return false;
    const shutdown = qmp.waitFor(({ event }) => event === 'SHUTDOWN', left);
    await qmp.execute('system_powerdown', undefined);
    await shutdown;
    // the event comes a moment before the state
    await sleep(10);
  }
  return true;
}

/** Stops the guest's processors. Throws `conflict` unless it runs; one that waits for disk space is noted as held. */
export async function pause(guest: Guest): Promise<void> {
  const process = guest.running('paused');
  await process.qmp.execute('stop', undefined);
  guest.held = (await process.refresh()) === 'io-error';
}

/** Raises an NMI on every processor. Throws `conflict` unless the guest runs. */
export async function interrupt(guest: Guest): Promise<void> {
  await guest.running('interrupted').qmp.execute('inject-nmi', undefined);
}

/** Lets the processors go on. Throws `conflict` when the guest is off, or shut down and waits for its reset. */
export async function unpause(guest: Guest): Promise<void> {
  const process = guest.running('running');
  if (process.status === 'shutdown') throw conflict(`guest ${guest.id} is shutdown, cannot be running`);
  await process.qmp.execute('cont', undefined);
  guest.held = false;
  await process.refresh();
}
