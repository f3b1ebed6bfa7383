import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { silentLog } from '../log/log.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Loops } from './loops.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('rounds come one period after the start, and then periodically until the stop', async () => {
  const run = vi.fn(async () => {});
  const loops = new Loops(silentLog());
  loops.add({ name: 'a', everyMs: 100, run });
  loops.start();
  await vi.advanceTimersByTimeAsync(99);
  expect(run).toHaveBeenCalledTimes(0);
  await vi.advanceTimersByTimeAsync(201);
  expect(run).toHaveBeenCalledTimes(3);
  await loops.stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(run).toHaveBeenCalledTimes(3);
});

test('a round that takes long is not begun a second time, and stopping waits for it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = vi.fn(() => promise);
  const loops = new Loops(silentLog());
  loops.add({ name: 'a', everyMs: 100, run });
  loops.start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(run).toHaveBeenCalledTimes(1);
  let stopped = false;
  const stopping = loops.stop().then(() => (stopped = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(stopped).toBe(false);
  resolve();
  await stopping;
});

test('a round that fails is counted, and the next one comes', async () => {
  const metrics = new Metrics();
  const run = vi.fn(async () => {}).mockRejectedValueOnce(new Error('no'));
  const loops = new Loops(silentLog(), metrics);
  loops.add({ name: 'a', everyMs: 100, run });
  await loops.runOnce('a');
  await loops.runOnce('a');
  expect(run).toHaveBeenCalledTimes(2);
  expect(metrics.render()).toContain('stratalith_loop_failures_total{loop="a"} 1');
});

test('runAll runs every loop; names are unique and known', async () => {
  const runs: string[] = [];
  const loops = new Loops(silentLog());
  for (const name of ['a', 'b']) loops.add({ name, everyMs: 100, run: async () => void runs.push(name) });
  await loops.runAll();
  expect(runs).toEqual(['a', 'b']);
  expect(() => loops.add({ name: 'a', everyMs: 1, run: async () => {} })).toThrow('registered twice');
  expect(() => loops.runOnce('c')).toThrow('no such loop: c');
});
