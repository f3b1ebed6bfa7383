import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { lockHolder, tryLock } from './lock.ts';

let directory: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stratalith-lock-'));
  path = join(directory, 'a.lock');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** Another process that tries to take the lock and says whether it did, then sits there. */
async function contender(): Promise<{ child: ChildProcess; got: boolean }> {
  const script = `import { tryLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    process.stdout.write(tryLock(${JSON.stringify(path)}) ? 'got' : 'busy'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, got: said.toString() === 'got' };
}

test('of many that race for a lock one gets it', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, contender));
  const winners = all.filter(({ got }) => got);
  expect(winners).toHaveLength(1);
  expect(lockHolder(path)?.pid).toBe(winners[0]!.child.pid);
  expect(tryLock(path)).toBeUndefined();
});

test('a killed holder lets go', async () => {
  const { child, got } = await contender();
  expect(got).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(lockHolder(path)).toBeUndefined();
  const lock = tryLock(path);
  expect(lockHolder(path)?.pid).toBe(process.pid);
  lock!.release();
  expect(lockHolder(path)).toBeUndefined();
});

test('a lock whose file was removed keeps nobody out, and says so', () => {
  const lock = tryLock(path)!;
  expect(lock.valid).toBe(true);
  rmSync(path);
  expect(lock.valid).toBe(false);
  const next = tryLock(path)!;
  expect([lock.valid, next.valid]).toEqual([false, true]);
  lock.release();
  expect(lockHolder(path)?.pid).toBe(process.pid);
  next.release();
  expect(lockHolder(path)).toBeUndefined();
});
