import { existsSync } from 'node:fs';

import { dataDirectory, type GlobalOptions, lockCommands } from '../machine/context.ts';
import { stopServices } from '../machine/services.ts';
import { say } from '../output.ts';

interface DownOptions extends GlobalOptions {
  readonly guests?: boolean;
}

/** Stops everything `up` started, in the opposite order. Guests go on unless `--guests` is given. */
export async function run(options: DownOptions): Promise<void> {
  const layout = dataDirectory(options);
  if (!existsSync(layout.run)) {
    say(`Nothing runs in ${layout.data}.`);
    return;
  }
  const lock = lockCommands(layout);
  try {
    const stopped = await stopServices(layout);
    if (!stopped) say(`Nothing runs in ${layout.data}.`);
  } finally {
    lock.release();
  }
}
