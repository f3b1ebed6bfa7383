import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { DigestThread } from './digest-threads.ts';

const bytes = new SharedArrayBuffer(1000);
const hashOf = async (thread: DigestThread) => {
  const digest = thread.open('md5', bytes);
  await digest.update(0, 600);
  await digest.update(600, 400);
  return digest.finish();
};
const expected = createHash('md5').update(new Uint8Array(bytes)).digest('hex');

test('streams are hashed beside each other, and one given up is forgotten', async () => {
  const thread = new DigestThread();
  thread.open('md5', bytes).abandon();
  expect(await Promise.all([hashOf(thread), hashOf(thread)])).toEqual([expected, expected]);
  await thread.stop();
});

test('a thread ends when it is not needed, and another comes when it is', async () => {
  const thread = new DigestThread(1);
  expect(await hashOf(thread)).toBe(expected);
  await expect.poll(() => thread.runs).toBe(false);
  const open = thread.open('md5', bytes);
  expect(await hashOf(thread)).toBe(expected);
  expect(thread.runs).toBe(true);
  open.abandon();
  await expect.poll(() => thread.runs).toBe(false);
});

test('who waits for a thread that is stopped is told', async () => {
  const thread = new DigestThread();
  const digest = thread.open('md5', bytes);
  const finished = digest.finish();
  await Promise.all([expect(finished).rejects.toThrow('the digest thread ended'), thread.stop()]);
});
