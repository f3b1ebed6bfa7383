import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { silentLog } from '#kit/log/log.ts';

import { Cgroups } from './cgroups.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stratalith-cgroups-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const share = { vcpus: 2, memoryBytes: 1 << 30 };
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

test('version 2: a group for each guest below one of ours', async () => {
  for (const file of ['cgroup.controllers', 'cgroup.subtree_control']) writeFileSync(join(root, file), '');
  const cgroups = await Cgroups.open('/data', silentLog(), root);
  expect(read('cgroup.subtree_control')).toBe('+cpu +memory +pids');
  await cgroups.put('guest', 42, share);
  const [base] = readdirSync(root).filter((name) => name.startsWith('stratalith-'));
  const guest = [base!, 'guest'];
  const files = ['cpu.weight', 'memory.max', 'pids.max', 'cgroup.procs'];
  expect(files.map((file) => read(...guest, file))).toEqual(['200', '1073741824', '514', '42']);
  expect(await cgroups.ids()).toEqual(['guest']);
});

test('version 1: the same in each of the hierarchies there are', async () => {
  for (const controller of ['cpu', 'memory', 'blkio']) mkdirSync(join(root, controller));
  const cgroups = await Cgroups.open('/data', silentLog(), root);
  await cgroups.put('guest', 42, share);
  expect(readdirSync(join(root, 'blkio'))).toEqual([]);
  const [base] = readdirSync(join(root, 'cpu'));
  expect(read('cpu', base!, 'guest', 'cpu.shares')).toBe('2048');
  expect(read('memory', base!, 'guest', 'memory.limit_in_bytes')).toBe('1073741824');
});

test('two clouds on one host do not see each other’s groups', async () => {
  mkdirSync(join(root, 'cpu'));
  const [one, two] = [
    await Cgroups.open('/one', silentLog(), root),
    await Cgroups.open('/two', silentLog(), root),
  ];
  await one.put('guest', 42, share);
  expect([await one.ids(), await two.ids()]).toEqual([['guest'], []]);
  await two.remove('guest');
  expect(existsSync(join(root, 'cpu', readdirSync(join(root, 'cpu')).sort()[0]!))).toBe(true);
});

test('where there are none, or none can be made, guests run without', async () => {
  const none = await Cgroups.open('/data', silentLog(), join(root, 'nowhere'));
  await none.put('guest', 42, share);
  await none.remove('guest');
  expect(await none.ids()).toEqual([]);
  writeFileSync(join(root, 'cgroup.controllers'), '');
  mkdirSync(join(root, 'cgroup.subtree_control'));
  const refused = await Cgroups.open('/data', silentLog(), root);
  await refused.put('guest', 42, share);
  expect(await refused.ids()).toEqual([]);
});
