import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';

import { isAlive } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import { RealCloud, run, until } from './cloud.ts';

// What the README shows, step by step: each test goes on where the last one stopped. Runs as root in a network
// namespace of its own: ip netns exec NAME vitest run --project e2e

const cloud = new RealCloud();
const scratch = mkdtempSync(join(tmpdir(), 'stratalith-e2e-key-'));
const key = join(scratch, 'key');
let floatingIp = '';
let serverId = '';

beforeAll(() => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
});
afterAll(async () => {
  await cloud.remove();
  rmSync(scratch, { recursive: true });
});

const ssh = async (command: string, seconds = 60): Promise<string> => {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'ConnectTimeout=5',
    'BatchMode=yes',
  ];
  const args = [...options.flatMap((option) => ['-o', option]), '-i', key, `cirros@${floatingIp}`, command];
  return until(`ssh ${command}`, seconds, async () => {
    const { code, stdout } = await run('ssh', args);
    return code !== 255 && stdout;
  });
};
const status = async (): Promise<string> => (await cloud.openstack('server', 'show', 'one')).status;
const becomes = (wanted: string): Promise<unknown> =>
  until(`server ${wanted}`, 120, async () => (await status()) === wanted);

test('one command starts the cloud and makes the demo', async () => {
  const { code, stdout, stderr } = await cloud.stratalith('up', '--yes');
  expect(`${code} ${stderr}`).toBe('0 ');
  for (const port of [5000, 8774, 8778, 9292, 9696]) expect(stdout).toContain(`:${port}`);
  expect(stdout).toContain(cloud.layout.clouds);
  const flavors = (await cloud.openstack('flavor', 'list')) as {
    Name: string;
    RAM: number;
    Disk: number;
    VCPUs: number;
  }[];
  expect(flavors.map((f) => [f.Name, f.RAM, f.Disk, f.VCPUs])).toEqual([
    ['m1.tiny', 512, 1, 1],
    ['m1.small', 2048, 20, 1],
    ['m1.medium', 4096, 40, 2],
    ['m1.large', 8192, 80, 4],
    ['m1.xlarge', 16_384, 160, 8],
  ]);
  expect(await cloud.openstack('image', 'list')).toMatchObject([{ Name: 'tiny', Status: 'active' }]);
  const networks = (await cloud.openstack('network', 'list')) as { Name: string }[];
  expect(networks.map(({ Name }) => Name).sort()).toEqual(['private', 'public']);
});

test('a server boots', async () => {
  writeFileSync(key, await cloud.client('keypair', 'create', 'key'), { mode: 0o600 });
  for (const rule of [['icmp'], ['tcp', '--dst-port', '22']])
    await cloud.openstack('security', 'group', 'rule', 'create', 'default', '--protocol', ...rule);
  const server = ['--image', 'tiny', '--flavor', 'm1.tiny', '--network', 'private', '--key-name', 'key'];
  const made = await cloud.openstack('server', 'create', ...server, 'one');
  expect(made).toMatchObject({ status: 'BUILD', name: 'one' });
  serverId = made.id;
  await becomes('ACTIVE');
  await until('the console log', 120, async () =>
    (await cloud.client('console', 'log', 'show', 'one')).includes('TINY-READY'),
  );
});

test('ssh through a floating IP gets in with the key', async () => {
  const made = await cloud.openstack('floating', 'ip', 'create', 'public');
  floatingIp = made.floating_ip_address;
  expect(floatingIp).toMatch(/^172\.24\.4\./);
  await cloud.client('server', 'add', 'floating', 'ip', 'one', floatingIp);
  expect((await ssh('hostname')).trim()).toBe('one');
  expect((await run('ping', ['-c', '1', '-W', '5', floatingIp])).code).toBe(0);
});

test('the metadata service knows who asks', async () => {
  const said = await ssh('wget -q -O - http://169.254.169.254/openstack/latest/meta_data.json');
  expect(JSON.parse(said)).toMatchObject({ uuid: serverId, name: 'one' });
});

test('the console answers a browser', async () => {
  const { url } = await cloud.openstack('console', 'url', 'show', '--novnc', 'one');
  expect((await fetch(url)).status).toBe(200);
  const page = new URL(url);
  const path = page.searchParams.get('path') ?? `websockify${page.search}`;
  const socket = new WebSocket(`ws://${page.host}/${path.replace(/^\//, '')}`, 'binary', {
    origin: page.origin,
  });
  const [greeting] = await new Promise<Buffer[]>((resolve, reject) => {
    socket.once('message', (data: Buffer) => resolve([data]));
    socket.once('error', reject);
  });
  expect(greeting!.toString()).toMatch(/^RFB 003\./);
  socket.close();
});

test('a guest outlives everything that manages it', async () => {
  const named = readState(cloud.layout.processes).filter(({ name }) => ['control', 'agent'].includes(name));
  for (const { id } of named) process.kill(id!.pid, 'SIGKILL');
  await until('control and agent', 60, async () =>
    readState(cloud.layout.processes).every(({ id, state }) => state === 'running' && id && isAlive(id)),
  );
  await until('the APIs', 60, async () => (await cloud.tryClient('server', 'list')).code === 0);
  expect((await ssh('hostname')).trim()).toBe('one');

  expect((await cloud.stratalith('down')).code).toBe(0);
  expect((await cloud.stratalith('up')).code).toBe(0);
  expect(await status()).toBe('ACTIVE');
  expect((await ssh('hostname')).trim()).toBe('one');
});

test('a server stops and starts', async () => {
  await cloud.client('server', 'stop', 'one');
  await becomes('SHUTOFF');
  await cloud.client('server', 'start', 'one');
  await becomes('ACTIVE');
  expect((await ssh('hostname', 120)).trim()).toBe('one');
});

test('nothing is left of a deleted server', async () => {
  await cloud.client('server', 'delete', '--wait', 'one');
  await cloud.client('floating', 'ip', 'delete', floatingIp);
  expect(await cloud.openstack('server', 'list')).toEqual([]);
  expect(await cloud.stratalith('audit')).toEqual({
    code: 0,
    stdout: 'Everything has an owner.\n',
    stderr: '',
  });
});

test('reset leaves neither processes nor devices', async () => {
  const ids = readState(cloud.layout.processes).flatMap(({ id }) => id ?? []);
  expect(ids.every(isAlive)).toBe(true);
  expect((await cloud.stratalith('reset', '--yes')).code).toBe(0);
  expect(ids.filter(isAlive)).toEqual([]);
  const { stdout } = await run('ip', ['-brief', 'link']);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s/)[0]),
  ).toEqual(['lo']);
});
