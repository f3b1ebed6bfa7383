import { mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { CloudClient, type Json } from '#cli/cloud/client.ts';
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

const logIn = (): Promise<CloudClient> =>
  CloudClient.login({
    authUrl: `http://127.0.0.1:${cloud.ports.identity}/v3`,
    user: 'admin',
    password: readFileSync(cloud.layout.adminPassword, 'utf8').trim(),
    project: 'admin',
  });
const projects = async (client: CloudClient): Promise<string[]> =>
  ((await client.get('identity', '/projects')).projects as { name: string }[]).map(({ name }) => name);
const make = (client: CloudClient, name: string) =>
  client.post('identity', '/projects', { project: { name } });

test('a full disk is said clearly, loses nothing, and is over when there is room again', async () => {
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  const client = await logIn();
  const names = () => projects(client);
  const processes = readState(cloud.layout.processes);
  await make(client, 'before');

  disk.fill();
  // some pages may still be free inside the files: sooner or later a write finds none
  let made = 0;
  const refusal = await (async () => {
    for (; made < 500; made++) await make(client, `meanwhile-${made}`);
  })().catch((error: unknown) => error as Error);
  expect(refusal).toMatchObject({ status: 503, message: expect.stringContaining('disk') });
  expect(await names()).toContain('before');
  expect((await names()).filter((name) => name.startsWith('meanwhile'))).toHaveLength(made);
  await logIn();

  disk.free();
  await make(client, 'after');
  expect(await names()).toEqual(expect.arrayContaining(['before', 'after']));
  expect(readState(cloud.layout.processes)).toEqual(processes);
});

test('a cloud is not started on a full disk, and is what it was when there is room again', async () => {
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  await make(await logIn(), 'before');
  expect(await cloud.run('down')).toMatchObject({ code: 0 });
  disk.fill();
  expect(await cloud.run('up', '--sim')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^stratalith: the disk of .* is full: 0 MiB are free/m),
  });
  expect(await cloud.run('status')).toMatchObject({ output: expect.stringContaining('down') });
  disk.free();
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  expect(await projects(await logIn())).toContain('before');
});

test('what is killed while the disk is full comes back when there is room again', async () => {
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  await make(await logIn(), 'before');
  const [before] = readState(cloud.layout.processes);
  disk.fill();
  process.kill(before!.id!.pid, 'SIGKILL');
  const again = async () => (await logIn().catch(() => undefined)) !== undefined;
  // it cannot be noted that it runs: so it does not
  expect(await cloud.run('up', '--sim')).toMatchObject({
    code: 1,
    output: expect.stringContaining('disk is full'),
  });
  disk.free();
  await expect.poll(again, { timeout: 60_000 }).toBe(true);
  expect(await projects(await logIn())).toContain('before');
  const [after] = readState(cloud.layout.processes);
  expect(after).toMatchObject({ name: before!.name, state: 'running' });
  expect(after!.id!.pid).not.toBe(before!.id!.pid);
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
});

test('operations under way when the disk becomes full end once there is room again', async () => {
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  const client = await logIn();
  const find = async (service: string, path: string, key: string, name: string): Promise<Json> =>
    (await client.get(service, path))[key].find((found: Json) => found.name === name);
  const server = {
    flavorRef: (await find('compute', '/flavors', 'flavors', 'm1.tiny')).id,
    imageRef: (await find('image', '/v2/images', 'images', 'tiny')).id,
    networks: [{ uuid: (await find('network', '/v2.0/networks', 'networks', 'private')).id }],
  };
  const begin = async (name: string): Promise<string> =>
    (await client.post('compute', '/servers', { server: { name, ...server } })).server.id;
  const settled = async (): Promise<Json[]> => {
    const list = async (): Promise<Json[]> => (await client.get('compute', '/servers/detail')).servers;
    const isSettled = (found: Json) => found['OS-EXT-STS:task_state'] === null && found.status !== 'BUILD';
    await expect.poll(async () => (await list()).every(isSettled), { timeout: 60_000 }).toBe(true);
    return list();
  };
  const doomed = await begin('doomed');
  const kept = await begin('kept');
  expect((await settled()).map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']);

  // there is room to begin some, but not to end them
  disk.fill(1 << 19);
  const begun: string[] = [];
  const beginAll = async () => {
    await client.post('compute', `/servers/${kept}/action`, { createImage: { name: 'snapshot' } });
    await client.send('DELETE', 'compute', `/servers/${doomed}`);
    for (let i = 0; i < 8; i++) begun.push(await begin(`begun-${i}`));
  };
  expect(await beginAll().catch((error: unknown) => error)).toMatchObject({ status: 503 });
  disk.fill();
  disk.free();

  const left = await settled();
  expect(left.map(({ id, status }) => [id, status])).toEqual([
    ...begun.toReversed().map((id) => [id, 'ACTIVE']),
    [kept, 'ACTIVE'],
  ]);
  // a copy that found no room for its data has failed, and says so
  const { instanceActions } = await client.get('compute', `/servers/${kept}/os-instance-actions`);
  const failed = instanceActions.find(({ action }: Json) => action === 'createImage').message !== null;
  const snapshot = await find('image', '/v2/images', 'images', 'snapshot');
  expect(snapshot?.status).toBe(failed ? undefined : 'active');
  expect(await cloud.run('audit')).toMatchObject({ code: 0 });
});

test('an upload during which the disk becomes full says why, and can be repeated', async () => {
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  const client = await logIn();
  const format = { disk_format: 'raw', container_format: 'bare' };
  const { id } = await client.post('image', '/v2/images', { name: 'large', ...format });
  const upload = (data: ReadableStream | Uint8Array) =>
    client.send('PUT', 'image', `/v2/images/${id}/file`, data);
  const incoming = join(cloud.layout.control, 'images', 'incoming');
  async function* data() {
    yield new Uint8Array(4 << 20);
    await expect.poll(() => readdirSync(incoming).length, { timeout: 60_000 }).toBe(1);
    disk.fill();
    yield new Uint8Array(4 << 20);
  }
  await expect(upload(ReadableStream.from(data()))).rejects.toMatchObject({
    status: 413,
    message: expect.stringContaining('Image storage media is full'),
  });
  expect(await client.get('image', `/v2/images/${id}`)).toMatchObject({ status: 'queued' });
  expect(readdirSync(incoming)).toEqual([]);
  disk.free();
  await upload(new Uint8Array(8 << 20));
  expect(await client.get('image', `/v2/images/${id}`)).toMatchObject({ status: 'active', size: 8 << 20 });
});
