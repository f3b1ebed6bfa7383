import { spawn } from 'node:child_process';
import { once } from 'node:events';

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

test('memory is told in bytes', () => {
  const { rss, pss } = memoryOf(process.pid)!;
  expect(rss).toBeGreaterThan(10e6);
  expect(pss).toBeLessThanOrEqual(rss);
  expect(memoryOf(2 ** 22 + 1)).toBeUndefined();
});
