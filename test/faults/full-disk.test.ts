import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { CloudClient } from '#cli/cloud/client.ts';
import { readState } from '#kit/process/supervisor.ts';

import { newSimCloud, type SimCloud } from '../support/sim-cloud.ts';
import { SmallDisk } from '../support/small-disk.ts';

// The cloud's data lies on a small file system of its own, which takes root to mount.

let disk: SmallDisk;
let cloud: SimCloud;

beforeEach(async () => {
  disk = new SmallDisk(mkdtempSync(join(tmpdir(), 'disk-')), 48);
  cloud = await newSimCloud(disk.path);
});
afterEach(async () => {
  disk.free();
  await cloud.remove();
  disk.unmount();
  rmdirSync(disk.path);
});

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

  disk.fill();
  // some pages may still be free inside the files: sooner or later a write finds none
  let made = 0;
  const refusal = await (async () => {
    for (; made < 500; made++) await make(`meanwhile-${made}`);
  })().catch((error: unknown) => error as Error);
  expect(refusal).toMatchObject({ status: 503, message: expect.stringContaining('disk') });
  expect(await names()).toContain('before');
  expect((await names()).filter((name) => name.startsWith('meanwhile'))).toHaveLength(made);
  await logIn();

  disk.free();
  await make('after');
  expect(await names()).toEqual(expect.arrayContaining(['before', 'after']));
  expect(readState(cloud.layout.processes)).toEqual(processes);
});
