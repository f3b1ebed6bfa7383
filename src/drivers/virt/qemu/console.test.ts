import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, expect, test } from 'vitest';

import { boundLog, emptyLog, readTail } from './console.ts';

const directory = mkdtempSync(join(tmpdir(), 'stratalith-console-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (text: string): string => {
  const path = join(directory, String(Math.random()));
  writeFileSync(path, text);
  return path;
};

const room = (path: string): number => statSync(path).blocks * 512;

test('the end of a log is read, in whole characters', async () => {
  const path = file('one\nzwölf\n');
  expect(await readTail(path, 1000)).toBe('one\nzwölf\n');
  expect(await readTail(path, 5)).toBe('ölf\n');
  expect(await readTail(path, 4)).toBe('lf\n');
  expect(await readTail(path, 0)).toBe('');
  expect(await readTail(join(directory, 'none'), 10)).toBe('');
});

test('a log within its bound is left alone; one beyond it keeps its end', async () => {
  const short = file('short');
  await boundLog(short, 1000);
  expect(readFileSync(short, 'utf8')).toBe('short');
  const long = file(`${'x'.repeat(400_000)}the end`);
  await boundLog(long, 262_144);
  expect(room(long)).toBeLessThanOrEqual(262_144);
  expect(await readTail(long, 10_000_000)).toMatch(/^x{131065,}the end$/);
  expect(await readTail(long, 8)).toBe('xthe end');
  await emptyLog(long);
  expect([statSync(long).size, await readTail(long, 100)]).toEqual([0, '']);
});

test('no byte is lost while a guest goes on writing', async () => {
  const path = file('');
  const writer = spawn('sh', [
    '-c',
    `i=0; while [ $i -lt 60000 ]; do echo $i; i=$((i+1)); done >> "$0"`,
    path,
  ]);
  const end = once(writer, 'exit');
  while (writer.exitCode === null) {
    await boundLog(path, 65_536);
    await Promise.race([end, sleep(1)]);
  }
  await boundLog(path, 65_536);
  const kept = (await readTail(path, 10_000_000)).trim().split('\n').slice(1).map(Number);
  expect(kept.length).toBeLessThan(60_000);
  expect(kept).toEqual(Array.from(kept, (_, i) => 60_000 - kept.length + i));
  expect(room(path)).toBeLessThanOrEqual(2 * 65_536);
});
