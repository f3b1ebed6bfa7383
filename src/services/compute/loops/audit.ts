import { callAgent } from '#contracts/agent.ts';
import { messageOf } from '#kit/errors/cloud-error.ts';

import { subjectOf } from '../operations/begin.ts';
import { migrationConsumerOf } from '../server-actions/migration-consumer.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';

/** Something without an owner, or a server in the middle of nothing. */
export interface Finding {
  readonly kind: 'port' | 'allocation' | 'trace' | 'server' | 'host';
  /** What it is, in words a person can act on. */
  readonly text: string;
  /** The host it was found on, and the name under which the agent removes it. */
  readonly trace?: { readonly host: string; readonly name: string };
  /** The port, consumer or server. */
  readonly id?: string;
}

/** Looks for everything without an owner. What is being done at this moment may show, and is gone the next time. */
export async function audit(service: Compute): Promise<Finding[]> {
  const servers = await service.servers.list({ deleted: 'no' });
  return [
    ...(await lonelyPorts(service, servers)),
    ...(await lonelyAllocations(service, servers)),
    ...(await traces(service, servers)),
    ...(await stuckServers(service, servers)),
  ];
}

/** Ports of servers that are not there. */
export async function lonelyPorts(service: Compute, servers: readonly Server[]): Promise<Finding[]> {
  const known = new Set(servers.map((server) => server.id));
  const ports = await service.parts.network.devicePorts('compute:');
  return ports
    .filter((port) => port.deviceId !== '' && !known.has(port.deviceId))
    .map((port) => ({
      kind: 'port',
      id: port.id,
      text: `port ${port.id} belongs to server ${port.deviceId}, which does not exist`,
    }));
}

/** Resources held in Placement for servers that are not there, or by a resize that is settled. */
export async function lonelyAllocations(service: Compute, servers: readonly Server[]): Promise<Finding[]> {
  const owners = new Set(servers.map((server) => server.id));
  for (const server of servers) if (isResizing(server)) owners.add(migrationConsumerOf(server.id));
  const consumers = await service.parts.placement.consumers();
  return consumers
    .filter((consumer) => !owners.has(consumer))
    .map((consumer) => ({
      kind: 'allocation',
      id: consumer,
      text: `consumer ${consumer} holds resources, but is no server`,
    }));
}

const isResizing = (server: Server): boolean =>
  server.oldFlavor !== null || (server.taskState?.startsWith('resize_') ?? false);

/** What agents find on their hosts that belongs to no server there. */
export async function traces(service: Compute, servers: readonly Server[]): Promise<Finding[]> {
  const found = await Promise.all(
    (await service.hosts.list()).map((host) =>
      service.hosts.isUp(host)
        ? tracesOn(service, host.name, servers)
        : Promise.resolve([unseen(host.name, 'it is down')]),
    ),
  );
  return found.flat();
}

async function tracesOn(service: Compute, host: string, servers: readonly Server[]): Promise<Finding[]> {
  const here = servers.filter((server) => server.host === host);
  const nics = here.flatMap((server) => server.interfaces);
  const known = {
    servers: here.map((server) => server.id),
    ports: nics.map((nic) => nic.portId),
    networks: [...new Set(nics.map((nic) => nic.networkId))],
  };
  try {
    const names = await callAgent(service.parts.bus, host, 'audit.orphans', known);
    return names.map((name) => ({
      kind: 'trace',
      text: `${name} on host ${host} belongs to no server`,
      trace: { host, name },
    }));
  } catch (error) {
    return [unseen(host, messageOf(error))];
  }
}

const unseen = (host: string, why: string): Finding => ({
  kind: 'host',
  text: `host ${host} could not be looked at: ${why}`,
});

/** Servers that something is being done to by nobody. */
async function stuckServers(service: Compute, servers: readonly Server[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const server of servers) {
    if (server.taskState === null && server.vmState !== 'building') continue;
    if ((await service.parts.sagas.active(subjectOf(server.id))).length > 0) continue;
    const state = `${server.vmState}/${server.taskState ?? 'None'}`;
    found.push({
      kind: 'server',
      id: server.id,
      text: `server ${server.id} is ${state}, and nobody is at it`,
    });
  }
  return found;
}
