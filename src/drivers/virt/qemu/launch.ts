import { open, readFile, rm } from 'node:fs/promises';

import { CloudError, messageOf } from '#kit/errors/cloud-error.ts';
import { endProcess, processId } from '#kit/process/proc.ts';
import { QmpLost } from '#protocols/qmp/client.ts';

import { qemuArguments } from './arguments.ts';
import { bootId } from './capabilities.ts';
import { attachedSets } from './disk-places.ts';
import { ensureGuestFile, makeGuestDirectory } from './files.ts';
import type { Guest } from './guest.ts';
import type { QemuHost } from './host.ts';
import { kvmGroups } from './kvm-probe.ts';
import type { Manifest } from './manifest.ts';
import { findProcesses, GuestProcess } from './process.ts';
import { lastWords, spawnQemu, untilAnswers } from './spawn.ts';

const startTimeoutMs = 60_000;
const MiB = 2 ** 20;

/** How often a guest is started anew whose QEMU somebody killed meanwhile. */
const tries = 3;

/**
 * Starts a guest as {@link launch} does and lets it run. That somebody killed its QEMU while it started says nothing about
 * the guest: then it is tried again.
 */
export async function startRunning(host: QemuHost, guest: Guest, change: Partial<Manifest>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      const process = await launch(host, guest, change);
      await process.qmp.execute('cont', undefined);
      await process.refresh();
      return;
    } catch (error) {
      if (!isLost(error) || tried === tries) throw error;
      host.log.warn({ err: error, guest: guest.id }, 'QEMU was killed while it started: once more');
      await kill(host, guest);
    }
  }
}

/** Whether the cause of an error is that QEMU went away without a word. */
const isLost = (error: unknown): boolean =>
  error instanceof QmpLost || (error instanceof CloudError && error.cause instanceof QmpLost);

/**
 * Starts a guest's QEMU as its manifest, with `change` made to it, says. The guest itself does not run yet: it waits for `cont`, or for a saved state
 * to come in. Throws what QEMU said when it did not start, and then leaves nothing running.
 */
export async function launch(
  host: QemuHost,
  guest: Guest,
  change: Partial<Manifest>,
  incoming = false,
): Promise<GuestProcess> {
  const { paths } = guest;
  if (guest.stray) await kill(host, guest);
  await guest.commit({ ...change, startedIn: bootId() });
  const sets = await attachedSets(guest);
  await makeGuestDirectory(paths.run, host.user, host.consoleGid);
  await rm(paths.pid, { force: true });
  await rm(paths.monitor, { force: true });
  await ensureGuestFile(paths.consoleLog, host.user);
  const { manifest } = guest;
  const { capabilities, options } = host;
  const argv = qemuArguments({ manifest, sets, paths, capabilities, options, incoming });
  const words = await open(paths.words, 'w+', 0o600);
  const starting = spawnQemu(argv, host.user, kvmGroups(capabilities.acceleration), words.fd);
  try {
    const qmp = await untilAnswers(starting, paths.monitor, startTimeoutMs);
    const process = await GuestProcess.of(processId(starting.pid)!, qmp, paths, () => guest.check());
    starting.release();
    guest.hold(process);
    await host.cgroups.put(guest.id, starting.pid, shareOf(host, guest));
    return process;
  } catch (error) {
    starting.kill();
    await kill(host, guest);
    // by its path: QEMU's writing moved the position of the handle we share
    const why = lastWords(await readFile(paths.words, 'utf8')) ?? messageOf(error);
    throw new CloudError('internal', `QEMU could not start guest ${guest.id}: ${why}`, { cause: error });
  } finally {
    await words.close();
  }
}

/** Pulls a guest's plug, and kills what else there may be of it. Does nothing for a guest that does not run. */
export async function kill(host: QemuHost, guest: Guest): Promise<void> {
  const inHand = guest.process && !guest.stray;
  await guest.process?.kill();
  // what a driver that was killed had just begun
  if (!inHand) await killStrays(host, guest);
  await host.cgroups.remove(guest.id);
}

async function killStrays(host: QemuHost, guest: Guest): Promise<void> {
  const running = await findProcesses(host.guests, host.user?.uid ?? process.getuid!());
  for (const stray of running.get(guest.id) ?? []) await endProcess(stray, 'SIGKILL', startTimeoutMs);
  guest.stray = false;
}

function shareOf({ options, capabilities }: QemuHost, { manifest: { spec } }: Guest) {
  const cache = capabilities.acceleration === 'tcg' ? options.tcg_cache_mb : 0;
  const overhead = 512 + cache + Math.ceil(spec.memoryMb / 16);
  return { vcpus: spec.vcpus, memoryBytes: (spec.memoryMb + overhead) * MiB };
}
