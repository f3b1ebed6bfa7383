import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { CloudClient } from '#cli/cloud/client.ts';
import { lockHolder, tryLock } from '#kit/process/lock.ts';
import { isAlive } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import { newSimCloud, type SimCloud } from '../support/sim-cloud.ts';

let cloud: SimCloud;

beforeEach(async () => {
  cloud = await newSimCloud();
});
afterEach(() => cloud.remove());

const supervisor = () => lockHolder(cloud.layout.supervisorLock)!;
const sim = () => readState(cloud.layout.processes).find(({ name }) => name === 'sim')!;
const answers = async (): Promise<boolean> => {
  const url = `http://127.0.0.1:${cloud.ports.identity}/healthcheck`;
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
};

const logIn = (): Promise<CloudClient> =>
  CloudClient.login({
    authUrl: `http://127.0.0.1:${cloud.ports.identity}/v3`,
    user: 'admin',
    password: readFileSync(cloud.layout.adminPassword, 'utf8').trim(),
    project: 'admin',
  });

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await what()); tries++) {
    if (tries > 1000) throw new Error(`never: ${what}`);
    await sleep(20);
  }
}

test('up, up again, status, down, down again', async () => {
  const first = await cloud.run('up', '--sim');
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining(`:${cloud.ports.identity}`) });
  expect(first.output).toContain('simulated');
  expect(await answers()).toBe(true);
  expect(statSync(cloud.layout.clouds).mode & 0o777).toBe(0o600);
  expect(readFileSync(cloud.layout.clouds, 'utf8')).toMatch(/^ {2}stratalith:$/m);
  const running = supervisor();

  const second = await cloud.run('up', '--sim');
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining('is up already') });
  expect(supervisor()).toEqual(running);
  expect(await cloud.run('up', '--sim', '--listen', '0.0.0.0')).toMatchObject({
    code: 1,
    output: expect.stringContaining('it listens on 127.0.0.1, not on 0.0.0.0'),
  });

  expect(await cloud.run('status')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/supervisor +running[^]*identity +http[^ ]+ +answers/),
  });
  expect(await cloud.run('down')).toMatchObject({ code: 0 });
  expect(isAlive(running)).toBe(false);
  expect(await answers()).toBe(false);
  expect(await cloud.run('status')).toMatchObject({ code: 1, output: expect.stringContaining('is down') });
  expect(await cloud.run('down')).toMatchObject({
    code: 0,
    output: expect.stringContaining('No services run'),
  });
});

test('of several that race to start the cloud one does', async () => {
  const all = await Promise.all(Array.from({ length: 3 }, () => cloud.run('up', '--sim')));
  const codes = all.map(({ code }) => code).sort();
  expect(codes[0]).toBe(0);
  for (const { code, output } of all)
    if (code !== 0) expect(output).toMatch(/another command is at work .*pid \d+/);
  expect(readState(cloud.layout.processes)).toHaveLength(1);
  expect(await answers()).toBe(true);
});

test('a killed control comes back by itself', async () => {
  await cloud.run('up', '--sim');
  const before = sim().id!;
  process.kill(before.pid, 'SIGKILL');
  await until(() => sim().id !== null && sim().id!.pid !== before.pid);
  await until(answers);
});

test('after the supervisor was killed, up takes over what it left and down ends it', async () => {
  await cloud.run('up', '--sim');
  const left = sim().id!;
  process.kill(supervisor().pid, 'SIGKILL');
  await until(() => lockHolder(cloud.layout.supervisorLock) === undefined);
  expect(isAlive(left)).toBe(true);
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  expect(sim().id).toEqual(left);

  process.kill(supervisor().pid, 'SIGKILL');
  await until(() => lockHolder(cloud.layout.supervisorLock) === undefined);
  expect(await cloud.run('down')).toMatchObject({ code: 0, output: expect.stringContaining('sim') });
  expect(isAlive(left)).toBe(false);
});

test('up says so when the supervisor is killed under it, and can be run again', async () => {
  const first = cloud.run('up', '--sim');
  await until(() => lockHolder(cloud.layout.supervisorLock) !== undefined);
  process.kill(supervisor().pid, 'SIGKILL');
  expect(await first).toMatchObject({
    code: 1,
    output: expect.stringContaining('the supervisor was killed meanwhile'),
  });
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  const left = sim().id!;

  // a cloud that ran before goes on
  process.kill(supervisor().pid, 'SIGKILL');
  await until(() => lockHolder(cloud.layout.supervisorLock) === undefined);
  const second = cloud.run('up', '--sim');
  await until(() => lockHolder(cloud.layout.supervisorLock) !== undefined);
  process.kill(supervisor().pid, 'SIGKILL');
  await second;
  expect(isAlive(left)).toBe(true);
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  expect(sim().id).toEqual(left);
});

test('a port that is taken is told with its owner before anything starts', async () => {
  const taken = createServer().listen(cloud.ports.image, '127.0.0.1');
  try {
    const { code, output } = await cloud.run('up', '--sim');
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(`port ${cloud.ports.image} \\(image\\) at 127.0.0.1: pid ${process.pid}, `),
    );
    expect(existsSync(cloud.layout.processes)).toBe(false);
  } finally {
    taken.close();
  }
});

test('while another command is at work nothing is started or stopped', async () => {
  mkdirSync(cloud.layout.run, { recursive: true });
  const lock = tryLock(cloud.layout.commandLock)!;
  const refusal = { code: 1, output: expect.stringContaining(`(pid ${process.pid}: `) };
  expect(await cloud.run('up', '--sim')).toMatchObject(refusal);
  expect(await cloud.run('down')).toMatchObject(refusal);
  lock.release();
});

test('a simulated cloud is not started as a real one', async () => {
  await cloud.run('up', '--sim');
  await cloud.run('down');
  // not as root: refused before the kind is looked at
  const { code, output } = await cloud.run('up');
  expect(code).toBe(1);
  expect(output).toMatch(/simulated/);
});

test('the demo is made once: what a user deletes stays deleted', async () => {
  await cloud.run('up', '--sim');
  const client = await logIn();
  const names = async () =>
    ((await client.get('compute', '/flavors')).flavors as { name: string }[]).map(({ name }) => name);
  expect(await names()).toEqual(['m1.tiny', 'm1.small', 'm1.medium', 'm1.large', 'm1.xlarge']);
  await client.send('DELETE', 'compute', '/flavors/5');
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  expect(await names()).not.toContain('m1.xlarge');
});

test('a server made through the demo leaves nothing, which audit confirms', async () => {
  await cloud.run('up', '--sim');
  const client = await logIn();
  const { images } = await client.get('image', '/v2/images');
  const { networks } = await client.get('network', '/v2.0/networks?name=private');
  const server = {
    name: 'one',
    imageRef: images[0].id,
    flavorRef: '1',
    networks: [{ uuid: networks[0].id }],
  };
  const { id } = (await client.post('compute', '/servers', { server })).server;
  await until(async () => (await client.get('compute', `/servers/${id}`)).server.status === 'ACTIVE');
  expect((await cloud.run('status')).output).toMatch(/one +ACTIVE +sim-1 +10\.0\.0\./);
  await client.send('DELETE', 'compute', `/servers/${id}`);
  await until(async () => (await client.get('compute', '/servers')).servers.length === 0);
  expect(await cloud.run('audit')).toEqual({ code: 0, output: 'Everything has an owner.\n' });
});

test('reset goes back to a fresh cloud and keeps the configuration', async () => {
  await cloud.run('up', '--sim');
  const password = readFileSync(cloud.layout.adminPassword, 'utf8');
  const processes = readState(cloud.layout.processes);
  expect(await cloud.run('reset')).toMatchObject({ code: 1, output: expect.stringContaining('--yes') });
  expect(processes.every(({ id }) => isAlive(id!))).toBe(true);
  expect(await cloud.run('reset', '--yes')).toMatchObject({ code: 0 });
  expect(processes.some(({ id }) => isAlive(id!))).toBe(false);
  expect(readdirSync(cloud.layout.data).sort()).toEqual(['run', 'stratalith.toml']);
  expect(await cloud.run('up', '--sim')).toMatchObject({ code: 0 });
  expect(readFileSync(cloud.layout.adminPassword, 'utf8')).not.toBe(password);
});

test('logs tell what a process said', async () => {
  await cloud.run('up', '--sim');
  await cloud.run('down');
  expect(await cloud.run('logs', 'sim')).toMatchObject({
    code: 0,
    output: expect.stringMatching(/ info {2}up ms=\d+\n/),
  });
  expect(await cloud.run('logs', 'nobody')).toMatchObject({
    code: 1,
    output: expect.stringContaining('there are: sim, supervisor'),
  });
});
