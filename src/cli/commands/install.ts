import { type GlobalOptions, isRoot } from '../machine/context.ts';
import { prepareMachine } from '../machine/prepare.ts';
import { say, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

interface InstallOptions extends GlobalOptions {
  readonly yes?: boolean;
}

/** Prepares the machine for a cloud with real guests, so that `up` needs nothing from outside afterwards. */
export async function run(options: InstallOptions, parts: ProgramParts): Promise<void> {
  if (!isRoot()) throw new UserError('installing needs root', 'run it with sudo');
  await prepareMachine(parts, options.yes === true);
  say('Everything is ready: stratalith up');
}
