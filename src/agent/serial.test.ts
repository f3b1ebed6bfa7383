import { expect, test } from 'vitest';

import { Serial } from './serial.ts';

test('tasks of one key run one after the other, those of another beside them', async () => {
  const serial = new Serial();
  const order: string[] = [];
  let go = () => {};
  const gate = new Promise<void>((resolve) => (go = resolve));
  const first = serial.run('a', () => gate.then(() => order.push('a1')));
  const second = serial.run('a', async () => order.push('a2'));
  await serial.run('b', async () => order.push('b1'));
  go();
  await Promise.all([first, second]);
  expect(order).toEqual(['b1', 'a1', 'a2']);
});

test('a failure is told to its own caller only', async () => {
  const serial = new Serial();
  const failing = serial.run('a', () => Promise.reject(new Error('no')));
  const next = serial.run('a', async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
  await serial.idle();
});
