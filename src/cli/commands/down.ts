import { existsSync } from 'node:fs';

import { dataDirectory, type GlobalOptions, isRoot, lockCommands } from '../machine/context.ts';
import { kindOf } from '../machine/directories.ts';
import { stopServices } from '../machine/services.ts';
import { say, step, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

interface DownOptions extends GlobalOptions {
  readonly guests?: boolean;
}

/** Stops everything `up` started, in the opposite order, and with `--guests` the guests after that; without, they go on. */
export async function run(options: DownOptions, parts: ProgramParts): Promise<void> {
  const layout = dataDirectory(options);
  if (!existsSync(layout.run)) {
    say(`Nothing runs in ${layout.data}.`);
    return;
  }
  const guests = options.guests === true && kindOf(layout) === 'real';
  if (guests && !isRoot()) throw new UserError('stopping guests needs root', 'run it with sudo');
  const lock = lockCommands(layout);
  try {
    if (!(await stopServices(layout))) say(`No services run in ${layout.data}.`);
    if (guests) await step('shut the guests down', async () => `${await parts.stopGuests(layout)} guests`);
  } finally {
    lock.release();
  }
}
