import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { newUuid } from '#kit/ids/ids.ts';
import { processId } from '#kit/process/proc.ts';

import { guestPaths } from './layout.ts';
import { findProcesses } from './process.ts';

const directory = mkdtempSync(join(tmpdir(), 'stratalith-process-'));
afterAll(() => rmSync(directory, { recursive: true }));

const uid = process.getuid!();
const guests = join(directory, 'guests');
mkdirSync(guests);

/** What the kernel would tell of this very process, were it another program. */
function procOf({ line, words, owner = uid }: { line: string[]; words?: string; owner?: number }): string {
  const proc = mkdtempSync(join(directory, 'proc-'));
  const home = join(proc, String(process.pid));
  mkdirSync(join(home, 'fd'), { recursive: true });
  writeFileSync(join(home, 'cmdline'), line.map((word) => `${word}\0`).join(''));
  writeFileSync(join(home, 'status'), `Name:\tx\nUid:\t${owner}\t${owner}\t${owner}\t${owner}\n`);
  if (words !== undefined) symlinkSync(words, join(home, 'fd', '2'));
  return proc;
}

const id = newUuid();
const paths = guestPaths(guests, id);
const found = new Map([[id, [processId(process.pid)]]]);

test.each([
  ['a QEMU', { line: ['qemu', '-pidfile', paths.pid, '-S'] }],
  ['what will become one', { line: ['setpriv', '--', 'qemu', '-pidfile', paths.pid] }],
  ['one that is just taking the place of another program', { line: [], words: paths.words }],
])('%s is found', async (_, told) => {
  expect(await findProcesses(guests, uid, procOf(told))).toEqual(found);
});

test.each([
  ['another program', { line: ['sleep', '1'], words: paths.words }],
  ['a QEMU of another cloud', { line: ['qemu', '-pidfile', '/elsewhere/run/pid'] }],
  ['one that speaks of another file of ours', { line: ['qemu', '-pidfile', paths.manifest] }],
  ["somebody else's process", { line: ['qemu', '-pidfile', paths.pid], owner: uid + 1 }],
  ['a kernel thread', { line: [] }],
])('%s is not', async (_, told) => {
  expect(await findProcesses(guests, uid + 2, procOf(told))).toEqual(new Map());
});

test('also below a symbolic link', async () => {
  const link = join(directory, 'link');
  symlinkSync(guests, link);
  const told = { line: [], words: paths.words };
  expect(await findProcesses(link, uid, procOf(told))).toEqual(found);
});
