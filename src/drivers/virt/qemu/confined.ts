import { execFile } from 'node:child_process';

import { CloudError } from '#kit/errors/cloud-error.ts';

import type { GuestUser } from './guest-user.ts';

/** How far a helper program may go. */
export interface Limits {
  /** CPU time in seconds. */
  readonly cpuSeconds: number;
  /** Address space in bytes. */
  readonly memoryBytes: number;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Nothing of our own environment reaches a program that reads what a guest or a user wrote. */
export const plainEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * The command line that gives up every privilege before it becomes the program: another account, no capabilities, none to
 * be regained. Without a guest user (we are not root) only the latter.
 */
export function unprivileged(
  user: GuestUser | undefined,
  groups: readonly number[] = [],
  options: readonly string[] = [],
): string[] {
  const identity = user
    ? [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups',
        '--bounding-set=-all',
      ]
    : [];
  return ['setpriv', ...identity, '--inh-caps=-all', '--no-new-privs', ...options, '--'];
}

/**
 * Becomes the program only while the process with the id given first is its parent. That one may have died before the kernel
 * was asked to end what it started: nobody would end it then.
 */
const unlessOrphaned = ['/bin/sh', '-c', '[ "$PPID" = "$1" ] && shift && exec "$@"', 'helper'];

/**
 * Runs a helper program (qemu-img, mkfs) as the guest user within limits and answers its standard output. It ends with us,
 * however we end: whoever comes next is to have the files for itself. Throws an `internal` CloudError with the program's own
 * words when it fails.
 */
export async function runConfined(
  argv: readonly [string, ...string[]],
  user: GuestUser | undefined,
  limits: Limits,
): Promise<string> {
  const bounds = [
    `--as=${limits.memoryBytes}`,
    `--cpu=${limits.cpuSeconds}`,
    '--core=0',
    '--nofile=256',
    '--',
  ];
  const becoming = [...unprivileged(user, [], ['--pdeathsig=KILL']), ...unlessOrphaned, String(process.pid)];
  const command = [...bounds, ...becoming, ...argv];
  return new Promise((resolve, reject) => {
    execFile(
      'prlimit',
      command,
      {
        env: plainEnvironment,
        cwd: '/',
        timeout: limits.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 1 << 20,
      },
      (error, stdout, stderr) => (error ? reject(failure(argv[0], error, stderr)) : resolve(stdout)),
    );
  });
}

function failure(program: string, error: Error & { killed?: boolean }, stderr: string): CloudError {
  const words = stderr.trim().split('\n').slice(-3).join(' ') || error.message;
  const why = error.killed ? 'took too long' : words;
  return new CloudError('internal', `${program} failed: ${why}`.slice(0, 500), { cause: error });
}
