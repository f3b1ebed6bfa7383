import { chmod, chown, stat } from 'node:fs/promises';

import type { Logger } from '#kit/log/log.ts';

import { runConfined } from './confined.ts';
import type { GuestUser } from './guest-user.ts';
import { requireUsableDirectory } from './layout.ts';

const tun = '/dev/net/tun';
const looking = { cpuSeconds: 5, memoryBytes: 2 ** 30, timeoutMs: 10_000 };

/** Makes sure guests can run below `guests` as the guest user. Throws with what is wrong and what mends it. */
export async function prepareHost(guests: string, user: GuestUser | undefined, log: Logger): Promise<void> {
  requireUsableDirectory(guests);
  if (!user && process.getuid!() === 0)
    throw new Error('guests must not run as root: make an account for them with `stratalith install`');
  if (!user) return;
  await runConfined(['test', '-x', guests], user, looking).catch(() => {
    throw new Error(
      `account ${user.name} cannot reach ${guests}: let others pass through the directories above it`,
    );
  });
  await lendTun(user, log);
}

/** Taps are opened by QEMU itself. Distributions let everybody open the device; where nobody may, guests get to. */
async function lendTun(user: GuestUser, log: Logger): Promise<void> {
  const found = await stat(tun).catch(() => undefined);
  if (!found) return log.warn(`there is no ${tun}: guests cannot be connected to networks`);
  const open = (found.mode & 0o006) === 0o006 || (found.gid === user.gid && (found.mode & 0o060) === 0o060);
  if (open) return;
  await chown(tun, found.uid, user.gid);
  await chmod(tun, 0o660);
  log.info(`${tun} may now be opened by ${user.name}`);
}
