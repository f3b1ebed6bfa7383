import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { CloudClient, type Json } from '#cli/cloud/client.ts';
import { publicUrl } from '#contracts/machine.ts';
import { OvnHost } from '#drivers/net/ovn/host.ts';
import { metadataDevice } from '#drivers/net/ovn/metadata-namespace.ts';
import { metadataOwner, owned } from '#drivers/net/ovn/names.ts';
import { tapName } from '#drivers/net/ovn/taps.ts';
import { VswitchPorts } from '#drivers/net/ovn/vswitch-ports.ts';
import { silentLog } from '#kit/log/log.ts';
import { isAlive, type ProcessId, processId } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';
import { parseConfig } from '#main/config.ts';
import { readEngine } from '#main/engine-addresses.ts';
import { RealCloud, until } from '#test/e2e/cloud.ts';

// One of each thing that may be left without an owner is planted in a real cloud: the audit names it. What is surely
// nobody's is then removed by itself. Runs as root in a network namespace of its own.

const cloud = new RealCloud();
const { layout } = cloud;
const authUrl = `${publicUrl(parseConfig(''), 'identity')}/v3`;
let admin: CloudClient;
let server: Json;

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('guests and their networks need root');
  await cloud.up();
  const password = readFileSync(layout.adminPassword, 'utf8').trim();
  admin = await CloudClient.login({ authUrl, user: 'admin', password, project: 'admin' });
  const made = ['--image', 'tiny', '--flavor', 'm1.tiny', '--network', 'private'];
  await cloud.client('server', 'create', '--wait', ...made, 'one');
  server = await cloud.openstack('server', 'show', 'one');
});
afterAll(() => cloud.remove(), 120_000);

const audit = async (): Promise<string[]> => {
  const { code, stdout } = await cloud.stratalith('audit');
  const lines = stdout.trimEnd().split('\n');
  expect([code, lines.at(-1)]).toEqual(
    lines.length === 1 ? [0, 'Everything has an owner.'] : [1, `${lines.length - 1} without an owner.`],
  );
  return lines.slice(0, -1);
};

test('a cloud with a server in it is clean', async () => {
  expect(await audit()).toEqual([]);
});

test('each thing without an owner is named', async () => {
  // first, since the agent has to be started again to see it, and tidies up then
  const planted = [await spec()];
  planted.push(
    await port(),
    await allocation(),
    northboundRow(),
    await tap(),
    await switchPort(),
    await metadataCable(),
    guestDirectory(),
    qemu(),
    overlay(),
  );
  expect((await audit()).toSorted()).toEqual(planted.toSorted());
});

test('what was a guest’s is removed by itself, and the server is as it was', async () => {
  // a port and a consumer that never were a server’s of ours are somebody’s doing
  const kept = /^(port|consumer) .*(does not exist|is no server)$/;
  await until('only that is left', 180, async () => (await audit()).every((line) => kept.test(line)));
  expect(await audit()).toHaveLength(2);
  expect((await cloud.openstack('server', 'show', 'one')).status).toBe('ACTIVE');
  expect(isAlive(stray!)).toBe(false);
});

const host = (): string => execFileSync('hostname', { encoding: 'utf8' }).trim();
const ofNobody = (what: string): string => `${what} on host ${host()} belongs to no server`;

async function port(): Promise<string> {
  const { networks } = await admin.get('network', '/v2.0/networks?name=private');
  const device = randomUUID();
  const body = { network_id: networks[0].id, device_id: device, device_owner: 'compute:nova' };
  const made = await admin.post('network', '/v2.0/ports', { port: body });
  return `port ${made.port.id} belongs to server ${device}, which does not exist`;
}

async function allocation(): Promise<string> {
  const { resource_providers: providers } = await admin.get('placement', '/resource_providers');
  const consumer = randomUUID();
  await admin.send(
    'PUT',
    'placement',
    `/allocations/${consumer}`,
    {
      allocations: { [providers[0].uuid]: { resources: { VCPU: 1 } } },
      project_id: admin.projectId,
      user_id: admin.projectId,
      consumer_generation: null,
    },
    { 'openstack-api-version': 'placement 1.28' },
  );
  return `consumer ${consumer} holds resources, but is no server`;
}

function northboundRow(): string {
  const id = randomUUID();
  const { northbound } = readEngine(layout);
  const row = ['name=stray', `external_ids:"${owned.network}"="${id}"`];
  execFileSync('ovn-nbctl', [`--db=${northbound}`, `--id=${id}`, 'create', 'Logical_Switch', ...row]);
  return `the network engine has rows of network ${id}, which does not exist`;
}

/** Plugs in what an agent would have, for a server that is gone. */
async function plug(): Promise<string> {
  const portId = randomUUID();
  const net = new OvnHost({ switch: readEngine(layout).switch, log: silentLog() });
  await net.plug({ portId, mac: 'fa:16:3e:00:00:01', mtu: 1442, guestUid: null });
  await net.close();
  return portId;
}

async function tap(): Promise<string> {
  const id = await plug();
  const ports = new VswitchPorts(readEngine(layout).switch);
  await ports.remove(id);
  ports.close();
  return ofNobody(`net port ${id}`);
}

async function switchPort(): Promise<string> {
  const id = await plug();
  execFileSync('ip', ['link', 'delete', tapName(id)]);
  return ofNobody(`net port ${id}`);
}

async function metadataCable(): Promise<string> {
  const networkId = randomUUID();
  const device = metadataDevice(networkId);
  const mac = 'fa:16:3e:00:00:02';
  execFileSync('ip', ['link', 'add', device, 'type', 'veth', 'peer', 'name', device.replace('mdp', 'mdq')]);
  const ports = new VswitchPorts(readEngine(layout).switch);
  await ports.add({ id: randomUUID(), device, mac, owner: [metadataOwner, networkId] });
  ports.close();
  return ofNobody(`net metadata ${networkId}`);
}

const guests = join(layout.agent, 'guests');

function guestDirectory(): string {
  const id = randomUUID();
  mkdirSync(join(guests, id));
  return ofNobody(`virt guest ${id}`);
}

let stray: ProcessId | undefined;
/** A QEMU that nobody remembers, of a guest without files. */
function qemu(): string {
  const id = randomUUID();
  const idle = ['-machine', 'none', '-nodefaults', '-display', 'none', '-S'];
  mkdirSync(join(guests, id, 'run'), { recursive: true });
  const child = spawn('/usr/bin/qemu-system-x86_64', [...idle, '-pidfile', join(guests, id, 'run', 'pid')], {
    stdio: 'ignore',
    detached: true,
  });
  child.unref();
  stray = processId(child.pid!);
  return ofNobody(`virt guest ${id}`);
}

/** Disks in the directory of a guest that does not use them. */
function overlay(): string {
  mkdirSync(join(guests, server.id, 'disks-9'));
  return ofNobody(`virt leftover ${server.id}/disks-9`);
}

/** A guest the agent remembers; it reads its notes when it starts. */
async function spec(): Promise<string> {
  const id = randomUUID();
  writeFileSync(join(layout.agent, 'specs', `${id}.json`), JSON.stringify({ id, interfaces: [] }));
  const agent = () => readState(layout.processes).find(({ name }) => name === 'agent')?.id;
  const before = agent()!;
  process.kill(before.pid, 'SIGKILL');
  await until('the agent is back', 60, async () => {
    const now = agent();
    return now && now.pid !== before.pid && isAlive(now);
  });
  await until('control knows it', 60, async () => {
    const { services } = await admin.get('compute', '/os-services?binary=nova-compute');
    return services[0].state === 'up';
  });
  // it has begun to look after metadata, and would take away what is planted there: an audit waits until that is over
  await audit();
  return ofNobody(`spec ${id}`);
}
