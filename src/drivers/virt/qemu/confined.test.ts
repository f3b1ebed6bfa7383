import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { isAlive, processId } from '#kit/process/proc.ts';

import { runConfined } from './confined.ts';
import { findGuestUser } from './guest-user.ts';

const directory = mkdtempSync(join(tmpdir(), 'stratalith-confined-'));
afterAll(() => rmSync(directory, { recursive: true }));
// as whom helpers run: another account only where we may become one
const user = process.getuid!() === 0 ? findGuestUser() : undefined;
chmodSync(directory, 0o777);

const limits = { cpuSeconds: 10, memoryBytes: 2 ** 30, timeoutMs: 600_000 };

test('a helper says what it has to say, also when it fails', async () => {
  expect(await runConfined(['echo', 'well'], user, limits)).toBe('well\n');
  await expect(runConfined(['cat', '/nowhere'], user, limits)).rejects.toThrow(
    'cat failed: cat: /nowhere: No such file or directory',
  );
});

test('a helper ends with whoever started it', async () => {
  const pidFile = join(directory, 'pid');
  const helper = ['sh', '-c', `echo $$ >${pidFile}; exec sleep 600`];
  const program = `
    import { runConfined } from ${JSON.stringify(join(import.meta.dirname, 'confined.ts'))};
    await runConfined(${JSON.stringify(helper)}, ${JSON.stringify(user)}, ${JSON.stringify(limits)});`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  const started = () => processId(Number(readFileSync(pidFile, 'utf8')));
  await expect.poll(started, { timeout: 15_000 }).toBeDefined();
  const id = started()!;
  starter.kill('SIGKILL');
  await expect.poll(() => isAlive(id), { timeout: 15_000 }).toBe(false);
});

test('a helper whose starter dies before it knows of it does nothing', async () => {
  const file = join(directory, 'done');
  const helper = ['sh', '-c', `sleep 0.1; echo >${file}`];
  // stopped before it can have asked to end with its starter
  const program = `
    import childProcess from 'node:child_process';
    import { syncBuiltinESMExports } from 'node:module';
    import { runConfined } from ${JSON.stringify(join(import.meta.dirname, 'confined.ts'))};
    const { execFile } = childProcess;
    childProcess.execFile = (...args) => {
      process.kill(execFile(...args).pid, 'SIGSTOP');
      process.kill(process.pid, 'SIGKILL');
    };
    syncBuiltinESMExports();
    void runConfined(${JSON.stringify(helper)}, ${JSON.stringify(user)}, ${JSON.stringify(limits)});`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  await once(starter, 'exit');
  expect(starter.signalCode).toBe('SIGKILL');
  for (const pid of pidsNaming(file)) process.kill(pid, 'SIGCONT');
  await expect.poll(() => pidsNaming(file), { timeout: 15_000 }).toEqual([]);
  expect(existsSync(file)).toBe(false);
});

/** Processes on whose command line a file is. */
function pidsNaming(file: string): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Boolean);
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file);
    } catch {
      return false;
    }
  });
}
