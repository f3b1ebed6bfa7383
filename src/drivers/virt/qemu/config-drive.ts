import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ConfigFile } from '#contracts/guest.ts';
import { CloudError } from '#kit/errors/cloud-error.ts';

import { runConfined } from './confined.ts';
import { makeGuestDirectory, makeGuestFile } from './files.ts';
import type { GuestUser } from './guest-user.ts';

/** Programs that write ISO 9660, and how they are called; whichever is installed does. */
const makers: readonly (readonly [string, ...string[]])[] = [
  ['/usr/bin/genisoimage'],
  ['/usr/bin/xorriso', '-as', 'mkisofs'],
];

const limits = { cpuSeconds: 60, memoryBytes: 2 ** 30, timeoutMs: 60_000 };

/**
 * Writes a config drive: an ISO 9660 file system labelled `config-2`, with long names in Rock Ridge and Joliet. The files
 * exist in `scratch`, an absent directory, for as long as it takes. Names were validated: none holds a `=`.
 */
export async function makeConfigDrive(
  path: string,
  files: readonly ConfigFile[],
  scratch: string,
  user: GuestUser | undefined,
): Promise<void> {
  try {
    await makeGuestDirectory(scratch, user);
    const grafts = await Promise.all(
      files.map(async ({ path: name, content, encoding }, i) => {
        const source = join(scratch, String(i));
        await makeGuestFile(source, user);
        await writeFile(source, Buffer.from(content, encoding));
        return `${name}=${source}`;
      }),
    );
    const content = grafts.length > 0 ? grafts : [scratch];
    await makeGuestFile(path, user);
    const options = ['-quiet', '-o', path, '-V', 'config-2', '-J', '-r', '-l', '-allow-lowercase'];
    const argv = [...(await maker()), ...options, '-allow-multidot', '-graft-points', ...content] as const;
    await runConfined([...argv], user, limits);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function maker(): Promise<readonly [string, ...string[]]> {
  for (const command of makers) if (await exists(command[0])) return command;
  throw new CloudError('internal', 'Config drives need genisoimage or xorriso, and neither is installed.');
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
