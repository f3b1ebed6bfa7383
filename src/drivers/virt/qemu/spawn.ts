import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { QmpClient, QmpLost } from '#protocols/qmp/client.ts';

import { plainEnvironment, unprivileged } from './confined.ts';
import type { GuestUser } from './guest-user.ts';

/** The program guests are processes of. */
export const qemuProgram = '/usr/bin/qemu-system-x86_64';

/** QEMU may neither gain privileges nor start programs nor use old system calls. */
export const sandbox = [
  '-sandbox',
  'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
];

/**
 * Waits for a word before it becomes the program. Had that begun at once, an agent that is killed in this very moment would
 * leave behind what its successor cannot see yet: so it ends with us, or can be found by its command line.
 */
const onceTold = ['/bin/sh', '-c', 'read -r go && exec "$@" </dev/null', 'qemu'];

const pollMs = 10;

/** A QEMU on its way. It is the leader of a session of its own and lives on when we end. */
export interface Starting {
  readonly pid: number;
  /** Resolves with how it ended, `status 1` or `SIGSYS`; rejects when it could not be started at all. */
  readonly ended: Promise<string>;
  readonly kill: () => void;
  /** Lets our own process end while this one runs. */
  readonly release: () => void;
}

/**
 * Starts QEMU as the guest user, without privileges, in no directory of ours and with nothing of our environment. What it
 * has to say goes to the open file `words`.
 */
export function spawnQemu(
  argv: readonly string[],
  user: GuestUser | undefined,
  groups: readonly number[],
  words: number,
): Starting {
  const [program, ...rest] = [...onceTold, ...unprivileged(user, groups), qemuProgram, ...sandbox, ...argv];
  const child = spawn(program!, rest, {
    cwd: '/',
    env: plainEnvironment,
    detached: true,
    stdio: ['pipe', 'ignore', words],
  });
  child.stdin!.on('error', () => {}).end('go\n');
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(signal ?? `status ${status}`));
  });
  ended.catch(() => {});
  return { pid: child.pid ?? 0, ended, kill: () => void child.kill('SIGKILL'), release: () => child.unref() };
}

/** Connects to the monitor of a QEMU on its way; it answers once the guest is there. Throws when QEMU ends instead. */
export async function untilAnswers(
  starting: Starting,
  monitor: string,
  timeoutMs: number,
): Promise<QmpClient> {
  let end: string | undefined;
  const ended = starting.ended.then((how) => (end = how));
  for (const deadline = Date.now() + timeoutMs; ;) {
    try {
      return await QmpClient.connect(monitor);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await Promise.race([sleep(pollMs), ended]);
    if (end === 'SIGKILL') throw new QmpLost('QEMU was killed');
    if (end !== undefined) throw new Error(`QEMU ended with ${end}`);
  }
}

/** The last words in the open file a QEMU was given for them. Its writing has moved our position, too. */
export async function lastWordsIn(words: FileHandle): Promise<string | undefined> {
  const { buffer, bytesRead } = await words.read({ position: 0 });
  return lastWords(buffer.toString('utf8', 0, bytesRead));
}

/** The last words of a QEMU that did not start, without its warnings. */
export function lastWords(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^qemu-system-x86_64: /, '').trim())
    .filter((line) => line !== '' && !/warning:/.test(line));
  return lines.slice(-2).join(' ').slice(0, 500) || undefined;
}
