import { existsSync } from 'node:fs';

import type { Layout } from '#contracts/machine.ts';
import { signalProcess, waitForEnd } from '#kit/process/proc.ts';
import { stopAll } from '#kit/process/supervisor.ts';

import { dataDirectory, type GlobalOptions, lockCommands, supervisorOf } from '../machine.ts';
import { say, step, UserError } from '../output.ts';

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
    const stopped = await stopCloud(layout);
    if (!stopped) say(`Nothing runs in ${layout.data}.`);
  } finally {
    lock.release();
  }
}

/** Ends the supervisor, which ends the rest; or, when it was killed, what it left behind. False when nothing ran. */
export async function stopCloud(layout: Layout): Promise<boolean> {
  const supervisor = supervisorOf(layout);
  if (supervisor) {
    await step('stop the services', async () => {
      signalProcess(supervisor, 'SIGTERM');
      if (!(await waitForEnd(supervisor, 90_000)))
        throw new UserError(`the supervisor (pid ${supervisor.pid}) does not end`, `see ${layout.log}`);
    });
    return true;
  }
  let ended: string[] = [];
  await step('stop what a killed supervisor left', async () => {
    ended = await stopAll(layout.processes);
    return ended.join(', ') || 'nothing';
  });
  return ended.length > 0;
}
