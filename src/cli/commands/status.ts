import {
  type Layout,
  localUrl,
  type MachineConfig,
  publicUrl,
  type ServiceName,
} from '#contracts/machine.ts';
import { isAlive, memoryOf, type ProcessId } from '#kit/process/proc.ts';
import { readState } from '#kit/process/supervisor.ts';

import { adminClient } from '../cloud/admin.ts';
import { type CloudClient, isWell, type Json } from '../cloud/client.ts';
import {
  dataDirectory,
  type GlobalOptions,
  readReady,
  readSettings,
  supervisorOf,
} from '../machine/context.ts';
import { kindOf } from '../machine/directories.ts';
import { emulatorPackage, packageVersions } from '../machine/packages.ts';
import { bold, dim, say } from '../output.ts';
import { printTable } from '../table.ts';

/** Prints what runs. Exit code 0 when every service answers, 1 when not. */
export async function run(options: GlobalOptions): Promise<void> {
  const layout = dataDirectory(options);
  const supervisor = supervisorOf(layout);
  const ready = readReady(layout);
  const settings = readSettings(layout);
  if (!supervisor || !settings) {
    const left = readState(layout.processes).filter(({ id }) => id && isAlive(id));
    say(`The cloud in ${layout.data} is down.`);
    if (left.length > 0)
      say(
        `Its supervisor was killed; ${left.map(({ name }) => name).join(', ')} still run. ` +
          '`stratalith up` takes them over, `stratalith down` ends them.',
      );
    process.exitCode = 1;
    return;
  }
  const simulated = kindOf(layout) === 'sim' ? ' (simulated guests and networks)' : '';
  say(bold(`Stratalith ${ready?.version ?? ''} in ${layout.data}${simulated}`));
  if (!simulated) printVersions();
  printProcesses(layout, supervisor);
  await printServices(settings.config, Object.keys(ready?.ports ?? {}));
  if (!ready) {
    say('The services are starting.');
    process.exitCode = 1;
    return;
  }
  try {
    const client = await adminClient(layout, settings.config);
    await printHosts(client);
    await printGuests(client);
  } catch (error) {
    say(`\nHosts and guests cannot be shown: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function printVersions(): void {
  const shown = [emulatorPackage, 'openvswitch-switch', 'ovn-central'];
  const packages = [...packageVersions(shown)].map(([name, version]) => `${name} ${version}`);
  say(dim([`Node ${process.versions.node}`, ...packages].join(', ')));
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** The processes with their memory; shared pages are divided among those that share them where we may look. */
function printProcesses(layout: Layout, supervisor: ProcessId): void {
  const processes = [
    { name: 'supervisor', id: supervisor, state: 'running', restarts: 0, since: 0 },
    ...readState(layout.processes),
  ];
  let total = 0;
  const rows = processes.map(({ name, id, state, restarts, since }) => {
    const memory = id && memoryOf(id.pid);
    total += memory ? (memory.pss ?? memory.rss) : 0;
    return [
      name,
      state,
      id?.pid ?? '',
      memory ? megabytes(memory.pss ?? memory.rss) : '',
      restarts,
      since ? new Date(since).toLocaleString('sv') : '',
    ];
  });
  printTable('Processes', ['name', 'state', 'pid', 'memory', 'restarts', 'since'], rows);
  say(dim(`  ${megabytes(total)} together`));
}

async function printServices(config: MachineConfig, services: readonly string[]): Promise<void> {
  const rows = await Promise.all(
    services.map(async (service) => {
      const well = await isWell(localUrl(config, service as ServiceName));
      if (!well) process.exitCode = 1;
      return [service, publicUrl(config, service as ServiceName), well ? 'answers' : 'does not answer'];
    }),
  );
  printTable('Services', ['name', 'address', 'state'], rows);
}

async function printHosts(client: CloudClient): Promise<void> {
  if (client.services.includes('compute')) {
    const { services } = await client.get('compute', '/os-services');
    const { hypervisors } = await client.get('compute', '/os-hypervisors/detail');
    const state = new Map((services as Json[]).map((s) => [s.host, `${s.state}, ${s.status}`]));
    printTable(
      'Hypervisors',
      ['host', 'state', 'type', 'version', 'vCPUs', 'memory MB', 'disk GB', 'guests'],
      (hypervisors as Json[]).map((h) => [
        h.hypervisor_hostname,
        state.get(h.service?.host ?? h.hypervisor_hostname) ?? h.state,
        h.hypervisor_type,
        h.hypervisor_version,
        `${h.vcpus_used} of ${h.vcpus}`,
        `${h.memory_mb_used} of ${h.memory_mb}`,
        `${h.local_gb_used} of ${h.local_gb}`,
        h.running_vms,
      ]),
    );
  }
  if (client.services.includes('network')) {
    const { agents } = await client.get('network', '/v2.0/agents');
    printTable(
      'Network agents',
      ['host', 'agent', 'state'],
      (agents as Json[]).map((a) => [a.host, a.agent_type, a.alive ? 'alive' : 'lost']),
    );
  }
}

async function printGuests(client: CloudClient): Promise<void> {
  if (!client.services.includes('compute')) return;
  const shown = 100;
  const { servers } = await client.get('compute', `/servers/detail?all_tenants=1&limit=${shown}`);
  printTable(
    'Guests',
    ['name', 'status', 'host', 'addresses'],
    (servers as Json[]).map((server) => [
      server.name,
      server.status,
      server['OS-EXT-SRV-ATTR:host'] ?? '',
      Object.values(server.addresses as Record<string, { addr: string }[]>)
        .flat()
        .map(({ addr }) => addr)
        .join(', '),
    ]),
  );
  if (servers.length === shown) say(dim(`  the first ${shown}`));
}
