import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openLog } from './log.ts';
import { LogSink } from './sink.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stratalith-log-'));
  file = join(directory, 'log');
});
afterEach(() => rmSync(directory, { recursive: true }));

const flushed = (sink: { flush(done: () => void): void }) =>
  new Promise<void>((resolve) => sink.flush(resolve));
const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');

test('lines are written whole and in order', async () => {
  const sink = new LogSink(openSync(file, 'a'));
  const long = 'x'.repeat(3000);
  for (let n = 0; n < 10; n++) sink.write(`${n} ${long}\n`);
  await flushed(sink);
  expect(lines()).toEqual(Array.from({ length: 10 }, (_, n) => `${n} ${long}`));
});

test('a full disk loses lines, and their number is told with the next that find room', async () => {
  const full = openSync('/dev/full', 'a');
  const sink = new LogSink(full);
  for (const line of ['one\n', 'two\n']) sink.write(line);
  await flushed(sink);
  // the same descriptor finds room again
  closeSync(full);
  expect(openSync(file, 'a')).toBe(full);
  sink.write('three\n');
  await flushed(sink);
  expect(lines()).toEqual([expect.stringContaining('2 log lines were lost'), 'three']);
});

test('what was said last is written when the process ends', () => {
  const script = `import { openLog } from ${JSON.stringify(join(import.meta.dirname, 'log.ts'))};
    openLog({ name: 'test', level: 'info', file: ${JSON.stringify(file)} }).info({ password: 'p' }, 'last words');`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  expect(JSON.parse(lines()[0]!)).toMatchObject({ level: 'info', msg: 'last words', password: '(redacted)' });
});

test('a process whose log is full goes on, and ends when it is done', () => {
  const script = `import { openLog } from ${JSON.stringify(join(import.meta.dirname, 'log.ts'))};
    const log = openLog({ name: 'test', level: 'info', file: '/dev/full' });
    log.error('nobody hears it'); log.fatal('nor this');
    log.flush(() => process.exit(7));`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'inherit',
    timeout: 10_000,
  });
  expect(status).toBe(7);
});

test('levels below the one asked for are not written', async () => {
  const log = openLog({ name: 'test', level: 'warn', file });
  log.info('no');
  log.warn('yes');
  await new Promise<void>((resolve) => log.flush(() => resolve()));
  expect(lines().map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['yes']);
});
