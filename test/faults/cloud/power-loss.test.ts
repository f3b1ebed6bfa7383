import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { findGuestUser } from '#drivers/virt/qemu/guest-user.ts';
import { findProcesses } from '#drivers/virt/qemu/process.ts';
import { lockHolder } from '#kit/process/lock.ts';
import { isAlive, type ProcessId, signalProcess } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { parseConfig } from '#main/config.ts';
import { RealCloud, run, until } from '#test/e2e/cloud.ts';

// The host loses power and comes back: every process dies at the same moment, devices are gone, and the kernel says that
// this is another boot. Each test goes on where the last one stopped. Runs as root in a network namespace of its own.

const cloud = new RealCloud();
const { layout } = cloud;
const scratch = mkdtempSync(join(tmpdir(), 'stratalith-boot-'));
const addresses = new Map<string, string>();

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
  await cloud.up();
});
afterAll(async () => {
  await cloud.remove();
  rmSync(scratch, { recursive: true });
}, 120_000);

const create = (name: string): Promise<string> => {
  const server = ['--image', 'tiny', '--flavor', 'm1.tiny', '--network', 'private'];
  return cloud.client('server', 'create', ...server, name);
};
const show = (name: string) => cloud.openstack('server', 'show', name);
const becomes = (name: string, wanted: string): Promise<unknown> =>
  until(`${name} ${wanted}`, 120, async () => (await show(name)).status === wanted);
const answers = (name: string): Promise<unknown> =>
  until(`${name} answers at ${addresses.get(name)}`, 120, async () => {
    const { code } = await run('ping', ['-c', '1', '-W', '2', addresses.get(name)!]);
    return code === 0;
  });

test('servers run, and one is suspended', async () => {
  await cloud.openstack('security', 'group', 'rule', 'create', 'default', '--protocol', 'icmp');
  for (const name of ['running', 'paused', 'suspended']) {
    await create(name);
    await becomes(name, 'ACTIVE');
  }
  const made = await cloud.openstack('floating', 'ip', 'create', 'public');
  addresses.set('running', made.floating_ip_address);
  await cloud.client('server', 'add', 'floating', 'ip', 'running', made.floating_ip_address);
  await answers('running');
  await cloud.client('server', 'pause', 'paused');
  await becomes('paused', 'PAUSED');
  await cloud.client('server', 'suspend', 'suspended');
  await becomes('suspended', 'SUSPENDED');
});

test('the power goes, in the middle of building a server', async () => {
  await create('building');
  await losePower();
  const { stdout } = await run('ip', ['-brief', 'link']);
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('the same command brings the cloud back', async () => {
  const bootId = join(scratch, 'boot_id');
  writeFileSync(bootId, `${randomUUID()}\n`);
  const another = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  cloud.via = ['unshare', '--mount', 'sh', '-c', another, bootId];
  await cloud.up();
});

test('servers that ran are off, as Nova leaves them; what was being done is done', async () => {
  await becomes('running', 'SHUTOFF');
  await becomes('paused', 'SHUTOFF');
  expect((await show('suspended')).status).toBe('SUSPENDED');
  await until('the build goes on', 120, async () => (await show('building')).status !== 'BUILD');
  const { status, fault } = await show('building');
  expect(`${status} ${fault?.message ?? ''}`).toMatch(/^(ACTIVE|SHUTOFF|ERROR .*\S)/);
});

test('they can be started, and be reached', async () => {
  await cloud.client('server', 'start', 'running', 'paused');
  await cloud.client('server', 'resume', 'suspended');
  for (const name of ['running', 'paused', 'suspended']) await becomes(name, 'ACTIVE');
  await answers('running');
});

test('nothing is without an owner, then nor when everything is deleted', async () => {
  const audit = async () => {
    const { code, stdout } = await cloud.stratalith('audit');
    return `${code} ${stdout}`;
  };
  expect(await audit()).toBe('0 Everything has an owner.\n');
  await cloud.client('server', 'delete', '--wait', 'running', 'paused', 'suspended', 'building');
  expect(await audit()).toBe('0 Everything has an owner.\n');
  expect([...(await guests()).keys()]).toEqual([]);
});

const guests = (): Promise<Map<string, ProcessId[]>> =>
  findProcesses(join(layout.agent, 'guests'), findGuestUser(parseConfig('').qemu.guest_user)!.uid);

/** Kills everything at the same moment, and takes away what would not outlive a boot. */
async function losePower(): Promise<void> {
  const daemons = readState(layout.processes).flatMap(({ id }) => id ?? []);
  const all = [lockHolder(layout.supervisorLock)!, ...daemons, ...[...(await guests()).values()].flat()];
  for (const id of all) signalProcess(id, 'SIGKILL');
  await until('everything is dead', 10, async () => !all.some(isAlive));
  // a guest that was just being started
  for (const id of [...(await guests()).values()].flat()) signalProcess(id, 'SIGKILL');
  const links = JSON.parse(execFileSync('ip', ['-json', 'link'], { encoding: 'utf8' })) as {
    ifname: string;
  }[];
  for (const { ifname } of links)
    // some go with others
    if (ifname !== 'lo') await run('ip', ['link', 'delete', ifname]);
}
