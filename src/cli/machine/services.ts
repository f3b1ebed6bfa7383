import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Layout } from '#contracts/machine.ts';
import { isAlive, signalProcess, waitForEnd } from '#kit/process/proc.ts';
import { type ChildState, readState, stopAll } from '#kit/process/supervisor.ts';

import { until } from '../cloud/client.ts';
import { readableLine } from '../log-line.ts';
import { type Note, step, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';
import { readReady, supervisorOf } from './context.ts';

const startTimeoutMs = 120_000;
const triesOfAChild = 4;

/** Starts the supervisor, detached, and waits until every API answers. Answers their names. */
export async function startServices(layout: Layout, parts: ProgramParts, note: Note): Promise<string> {
  const log = join(layout.log, 'supervisor.log');
  const output = openSync(log, 'a', 0o640);
  const supervisor = spawn(
    process.execPath,
    [...parts.nodeFlags, join(parts.root, ...parts.supervisor), '--data', layout.data],
    {
      cwd: '/',
      detached: true,
      stdio: ['ignore', output, output],
      env: parts.nodeEnvironment(layout.run),
    },
  );
  closeSync(output);
  supervisor.unref();
  return untilReady(layout, note, () => {
    if (supervisor.signalCode !== null) throw killed();
    if (supervisor.exitCode !== null) throw new UserError('the supervisor ended at once', ...lastLines(log));
    return supervisorOf(layout)?.pid === supervisor.pid;
  });
}

/**
 * Waits until every API answers and somebody looks after them. Answers their names. `inCharge` says whether the
 * supervisor is at it, and throws when it never will be.
 */
export async function untilReady(
  layout: Layout,
  note: Note,
  inCharge: () => boolean = () => {
    if (!supervisorOf(layout)) throw killed();
    return true;
  },
): Promise<string> {
  const begun = Date.now();
  const services = await until(startTimeoutMs, () => {
    // what an earlier supervisor left behind may answer all the while
    if (!inCharge()) return undefined;
    const children = readState(layout.processes);
    // what was so before we began to wait, perhaps under another supervisor, says nothing about now
    const failing = children.find(({ failures, since }) => failures >= triesOfAChild && since > begun);
    if (failing) throw new UserError(`${failing.name} does not start`, ...lastLines(failing.log));
    note(children.find(({ state }) => state !== 'running')?.name ?? 'supervisor');
    return readyServices(layout, children);
  });
  if (!services) throw new UserError('the services did not come up in time', 'see: stratalith logs');
  return services.join(', ');
}

const killed = (): UserError => new UserError('the supervisor was killed meanwhile', 'stratalith up');

/** Ends the supervisor, which ends the rest; or, when it was killed, what it left behind. False when nothing ran. */
export async function stopServices(layout: Layout): Promise<boolean> {
  const supervisor = supervisorOf(layout);
  if (supervisor) {
    await step('stop the services', async () => {
      signalProcess(supervisor, 'SIGTERM');
      if (!(await waitForEnd(supervisor, 90_000)))
        throw new UserError(`the supervisor (pid ${supervisor.pid}) does not end`, `see ${layout.log}`);
    });
    return true;
  }
  const left = anythingRuns(layout);
  if (left)
    await step('stop what a killed supervisor left', async () =>
      (await stopAll(layout.processes)).join(', '),
    );
  return left;
}

/** Whether any process of the cloud runs, be it without a supervisor. */
export const anythingRuns = (layout: Layout): boolean =>
  readState(layout.processes).some(({ id }) => id && isAlive(id));

/** The services that answer, once control says so; a word a killed control left behind does not count. */
function readyServices(layout: Layout, children: readonly ChildState[]): string[] | undefined {
  const ready = readReady(layout);
  const own = children.some(({ id }) => id && id.pid === ready?.pid && isAlive(id));
  return own ? Object.keys(ready!.ports) : undefined;
}

/** How a log ends, for an error message. */
function lastLines(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8);
  return [`${file} ends with:`, ...lines.map((line) => readableLine(line).split('\n')[0]!.slice(0, 300))];
}
