import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { commandOf, endProcess, isAlive, memoryOf, processId, signalProcess } from './proc.ts';

test('a recycled pid is not the process it was', () => {
  const self = processId(process.pid)!;
  expect(isAlive(self)).toBe(true);
  const earlier = { ...self, started: String(Number(self.started) - 1) };
  expect(isAlive(earlier)).toBe(false);
  expect(signalProcess(earlier, 'SIGKILL')).toBe(false);
  expect(isAlive({ ...self, boot: 'another' })).toBe(false);
});

test('a process that ignores SIGTERM is killed when its time is up', async () => {
  const child = spawn('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const id = processId(child.pid!)!;
  expect(commandOf(id.pid)).toContain('trap');
  expect(await endProcess(id, 'SIGTERM', 200)).toBe('killed');
  expect(isAlive(id)).toBe(false);
  expect(await endProcess(id, 'SIGTERM', 200)).toBe('ended');
});

const python = spawnSync('python3', ['-c', '']).status === 0;
test.skipIf(!python)('a process lives until its last thread has ended (needs python3)', async () => {
  const thread = 'threading.Thread(target=time.sleep, args=(60,)).start()';
  const code = `import ctypes, threading, time; ${thread}; ctypes.CDLL(None).pthread_exit(None)`;
  const child = spawn('python3', ['-c', code], { stdio: 'ignore' });
  const id = processId(child.pid!)!;
  const state = () => readFileSync(`/proc/${id.pid}/stat`, 'utf8').split(') ')[1]?.[0];
  await expect.poll(state, { timeout: 15_000 }).toBe('Z');
  expect(isAlive(id)).toBe(true);
  await endProcess(id, 'SIGKILL', 5000);
  expect(isAlive(id)).toBe(false);
});

test('memory is told in bytes', () => {
  const { rss, pss } = memoryOf(process.pid)!;
  expect(rss).toBeGreaterThan(10e6);
  expect(pss).toBeLessThanOrEqual(rss);
  expect(memoryOf(2 ** 22 + 1)).toBeUndefined();
});
