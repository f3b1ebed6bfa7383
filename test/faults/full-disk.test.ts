import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { CloudClient } from '#cli/cloud/client.ts';
import { readState } from '#kit/process/supervisor.ts';

import { newSimCloud, type SimCloud } from '../support/sim-cloud.ts';

// The cloud's data lies on a small file system of its own, which takes root to mount.

let disk: string;
let cloud: SimCloud;

beforeEach(async () => {
  disk = mkdtempSync(join(tmpdir(), 'stratalith-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=755', 'tmpfs', disk]);
  cloud = await newSimCloud(disk);
});
afterEach(async () => {
  rmSync(join(disk, 'fill'), { force: true });
  await cloud.remove();
  execFileSync('umount', [disk]);
  rmdirSync(disk);
});

/** Writes until nothing more fits. */
function fill(): void {
  const file = openSync(join(disk, 'fill'), 'w');
  try {
    for (const size of [1 << 20, 4096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      }
    }
  } finally {
    closeSync(file);
  }
}

test('a full disk is said clearly, loses nothing, and is over when there is room again', async () => {
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  const logIn = () =>
    CloudClient.login({
      authUrl: `http://127.0.0.1:${cloud.ports.identity}/v3`,
      user: 'admin',
      password: readFileSync(cloud.layout.adminPassword, 'utf8').trim(),
      project: 'admin',
    });
  const client = await logIn();
  const make = (name: string) => client.post('identity', '/projects', { project: { name } });
  const names = async () =>
    ((await client.get('identity', '/projects')).projects as { name: string }[]).map(({ name }) => name);
  const processes = readState(cloud.layout.processes);
  await make('before');

  fill();
  // some pages may still be free inside the files: sooner or later a write finds none
  let made = 0;
  const refusal = await (async () => {
    for (; made < 500; made++) await make(`meanwhile-${made}`);
  })().catch((error: unknown) => error as Error);
  expect(refusal).toMatchObject({ status: 503, message: expect.stringContaining('disk') });
  expect(await names()).toContain('before');
  expect((await names()).filter((name) => name.startsWith('meanwhile'))).toHaveLength(made);
  await logIn();

  rmSync(join(disk, 'fill'));
  await make('after');
  expect(await names()).toEqual(expect.arrayContaining(['before', 'after']));
  expect(readState(cloud.layout.processes)).toEqual(processes);
});
