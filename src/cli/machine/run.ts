import { spawn } from 'node:child_process';

import { UserError } from '../output.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const shownLines = 8;

/** Runs a program without showing what it prints; throws with the end of that when it fails. */
export async function runQuietly(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path, LC_ALL: 'C.UTF-8', ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new UserError(
      `${[program, ...args].join(' ')} failed:`,
      ...output.trimEnd().split('\n').slice(-shownLines),
    );
}
