import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { dataDirectory, type GlobalOptions, isRoot, lockCommands } from '../machine/context.ts';
import { kindOf } from '../machine/directories.ts';
import { stopServices } from '../machine/services.ts';
import { confirm, say, step, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

interface ResetOptions extends GlobalOptions {
  readonly yes?: boolean;
}

/** Goes back to a fresh cloud: stops everything, guests too, and removes everything but the configuration file. */
export async function run(options: ResetOptions, parts: ProgramParts): Promise<void> {
  const layout = dataDirectory(options);
  const kind = existsSync(layout.data) ? kindOf(layout) : undefined;
  if (kind === undefined) {
    say(`There is no cloud in ${layout.data}.`);
    return;
  }
  if (kind === 'real' && !isRoot()) throw new UserError('removing guests needs root', 'run it with sudo');
  const question = `Everything in the cloud in ${layout.data} will be lost: guests, disks, images, networks, users. Go on?`;
  if (options.yes !== true && !(await confirm(question, 'no'))) throw new UserError('nothing was changed');
  const lock = lockCommands(layout);
  try {
    await stopServices(layout);
    if (kind === 'real')
      await step('remove guests and networks', async () => `${await parts.removeTraces(layout)} guests`);
    await step('remove the data', async () => {
      // the configuration is the user's; the lock is held until the end
      empty(layout.data, [basename(layout.run), 'stratalith.toml']);
      empty(layout.run, [basename(layout.commandLock)]);
    });
  } finally {
    lock.release();
  }
  say('The cloud is gone. A fresh one: stratalith up');
}

function empty(directory: string, kept: readonly string[]): void {
  for (const name of readdirSync(directory))
    if (!kept.includes(name)) rmSync(join(directory, name), { recursive: true, force: true });
}
