import { expect, test } from 'vitest';

import { LogSync } from './log-sync.ts';

/** A log whose syncs end when the test says so. */
function newLog() {
  const syncs: ((error: Error | null) => void)[] = [];
  const log = new LogSync((done) => syncs.push(done));
  const settled: string[] = [];
  return {
    syncs,
    settled,
    commit(name: string) {
      log.wrote();
      void log.settled().then(() => settled.push(name));
    },
    end: async (error: Error | null = null) => {
      syncs.shift()!(error);
      await new Promise((resolve) => setImmediate(resolve));
    },
    log,
  };
}

test('commits made while a sync runs wait for the next, and share it', async () => {
  const { commit, end, settled, syncs } = newLog();
  for (const name of ['a', 'b', 'c']) commit(name);
  expect(syncs).toHaveLength(1);
  await end();
  expect([settled, syncs.length]).toEqual([['a'], 1]);
  commit('d');
  await end();
  expect([settled, syncs.length]).toEqual([['a', 'b', 'c'], 1]);
  await end();
  expect([settled, syncs.length]).toEqual([['a', 'b', 'c', 'd'], 0]);
});

test('what wrote nothing waits for what was written before it, and else for nothing', async () => {
  const { commit, end, log, settled, syncs } = newLog();
  await log.settled();
  expect(syncs).toEqual([]);
  commit('a');
  void log.settled().then(() => settled.push('read'));
  expect(settled).toEqual([]);
  await end();
  expect(settled).toEqual(['a', 'read']);
});

test('a log that cannot be brought to disk ends the process', async () => {
  const { commit, end, settled } = newLog();
  commit('a');
  await expect(end(new Error('EIO'))).rejects.toThrow('could not be brought to disk');
  expect(settled).toEqual([]);
});
