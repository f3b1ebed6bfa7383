import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Layout } from '#contracts/machine.ts';
import { findProcesses } from '#drivers/virt/qemu/process.ts';
import { readEngine } from '#main/engine-addresses.ts';

import type { Patient } from './patient.ts';

const run = promisify(execFile);

/** What the APIs still know of users' doings, in words. `admin` is the administrator; what the demo made is not looked at. */
export async function leftInApis(admin: Patient): Promise<string[]> {
  const { servers } = await admin.get('compute', '/servers?all_tenants=1');
  const { ports } = await admin.get('network', '/v2.0/ports');
  const { images } = await admin.get('image', '/v2/images');
  const { resource_providers: providers } = await admin.get('placement', '/resource_providers');
  const consumers: string[] = [];
  for (const { uuid } of providers) {
    const { allocations } = await admin.get('placement', `/resource_providers/${uuid}/allocations`);
    consumers.push(...Object.keys(allocations));
  }
  return [
    ...servers.map(({ id }: { id: string }) => `server ${id}`),
    ...ports.filter(isOfServer).map(({ id }: { id: string }) => `port ${id}`),
    ...images
      .filter(({ name }: { name: string }) => name !== 'tiny')
      .map(({ id }: { id: string }) => `image ${id}`),
    ...consumers.map((consumer) => `allocation of ${consumer}`),
  ];
}

const isOfServer = (port: { device_owner: string }): boolean => port.device_owner.startsWith('compute:');

/** What is still on this host of guests, in words, in this network namespace. */
export async function leftOnHost(layout: Layout, guestUid: number): Promise<string[]> {
  const guests = join(layout.agent, 'guests');
  const { stdout } = await run('ip', ['-json', 'link', 'show']);
  const links = (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
  const running = await findProcesses(guests, guestUid);
  return [
    ...[...running.keys()].map((id) => `QEMU of ${id}`),
    ...readdirSync(guests).map((name) => `disks in ${name}`),
    ...readdirSync(join(layout.agent, 'specs')).map((name) => `spec ${name}`),
    ...links.filter((name) => name.startsWith('tap')).map((name) => `device ${name}`),
  ];
}

/** Tables of the Northbound database whose rows stand for something of Network's: how it is called there, and here. */
const owned = [
  { table: 'Logical_Switch', key: 'stratalith:network_id', noun: 'network' },
  { table: 'Logical_Switch_Port', key: 'stratalith:port_id', noun: 'port' },
  { table: 'Logical_Router', key: 'stratalith:router_id', noun: 'router' },
  { table: 'Port_Group', key: 'stratalith:security_group_id', noun: 'security-group' },
  { table: 'DHCP_Options', key: 'stratalith:subnet_id', noun: 'subnet' },
] as const;

/** Rows of OVN's Northbound database for what Network does not have, in words. */
export async function leftInOvn(layout: Layout, admin: Patient): Promise<string[]> {
  const left: string[] = [];
  for (const { table, key, noun } of owned) {
    const collection = `${noun.replace('-', '_')}s`;
    const found = await admin.get('network', `/v2.0/${noun}s?fields=id`);
    const known = new Set((found[collection] as { id: string }[]).map(({ id }) => id));
    for (const ids of await externalIds(layout, table)) {
      const owner = ids.get(key);
      if (owner !== undefined && !known.has(owner)) left.push(`${table} of ${owner}`);
    }
  }
  return left;
}

/** `external_ids` of a table's rows. */
async function externalIds(layout: Layout, table: string): Promise<Map<string, string>[]> {
  const { northbound } = readEngine(layout);
  const args = [`--db=${northbound}`, '--format=json', '--columns=external_ids', 'list', table];
  const { stdout } = await run('ovn-nbctl', args, { maxBuffer: 64 << 20 });
  const { data } = JSON.parse(stdout) as { data: [['map', [string, string][]]][] };
  return data.map(([[, pairs]]) => new Map(pairs));
}
