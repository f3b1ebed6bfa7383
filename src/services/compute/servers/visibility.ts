import type { PortFacts } from '#contracts/network.ts';

import type { Compute } from '../service.ts';
import { isAdmin, type ServerCall, targetOf } from './find.ts';
import { portsOf } from './ports.ts';
import type { Server } from './server.ts';
import type { ServerFacts, Visibility } from './view.ts';

/** Which answer a server is shown in; older microversions showed less in answers to changes. */
export type Occasion = 'show' | 'detail' | 'update' | 'rebuild';

/** What the caller may see of a server, or of the servers of a list. */
export function visibilityOf(call: ServerCall, occasion: Occasion, server?: Server): Visibility {
  const { atLeast } = boundTo(call);
  const target = server && targetOf(server);
  const changed = occasion === 'update' || occasion === 'rebuild';
  const everything = !changed || atLeast('2.75');
  const attributes = everything && call.allows('os_compute_api:os-extended-server-attributes', target);
  return {
    attributes: attributes ? (atLeast('2.3') ? 'all' : 'basic') : 'none',
    userData: occasion !== 'rebuild',
    locked: atLeast('2.9'),
    description: atLeast('2.19'),
    tags: atLeast('2.26'),
    flavorInline: atLeast('2.47'),
    extraSpecs: atLeast('2.47') && call.allows('os_compute_api:servers:show:flavor-extra-specs', target),
    trustedCerts: atLeast('2.63'),
    lockedReason: atLeast('2.73'),
    hostname: atLeast('2.90') && !attributes,
    pinnedZone: atLeast('2.96') && everything,
    imageProperties: atLeast('2.98'),
    hints: atLeast('2.100'),
    internals: isAdmin(call),
    runtime: everything,
    keyName: everything || (occasion === 'rebuild' && atLeast('2.54')),
  };
}

/** What else is shown of these servers: their addresses, security groups and hosts, each fetched once for all. */
export async function factsOf(
  call: ServerCall,
  occasion: Occasion,
  servers: readonly Server[],
): Promise<ServerFacts> {
  const { service } = call;
  const { atLeast } = boundTo(call);
  const everything = occasion === 'show' || occasion === 'detail' || atLeast('2.75');
  const ports = await portsByServer(service, servers);
  const target = occasion === 'detail' || !servers[0] ? undefined : targetOf(servers[0]);
  return {
    ports,
    securityGroups: await groupNames(service, ports),
    hostStatus: everything && atLeast('2.16') ? await hostStatuses(call, target) : undefined,
    serverGroups: occasion !== 'detail' && atLeast('2.71') ? await groupsOf(service, servers) : undefined,
  };
}

/** The ports of servers, by server. */
export async function portsByServer(
  service: Compute,
  servers: readonly Server[],
): Promise<ReadonlyMap<string, readonly PortFacts[]>> {
  const ports = new Map<string, PortFacts[]>();
  const placed = servers.filter((server) => server.vmState !== 'building');
  if (placed.length === 0) return ports;
  for (const port of await portsOf(service, placed)) {
    const same = ports.get(port.deviceId);
    if (same) same.push(port);
    else ports.set(port.deviceId, [port]);
  }
  return ports;
}

const groupsOf = (service: Compute, servers: readonly Server[]) =>
  service.serverGroups.groupsOf(servers.map((server) => server.id));

async function groupNames(
  service: Compute,
  ports: ReadonlyMap<string, readonly PortFacts[]>,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set<string>();
  for (const same of ports.values())
    for (const port of same) for (const id of port.securityGroups) ids.add(id);
  if (ids.size === 0) return new Map();
  const groups = await service.parts.network.securityGroupsById([...ids]);
  return new Map(groups.map((group) => [group.id, group.name || group.id]));
}

/** `host_status` by host, as far as the caller may see it. */
async function hostStatuses(
  call: ServerCall,
  target: ReturnType<typeof targetOf> | undefined,
): Promise<ServerFacts['hostStatus']> {
  const all = call.allows('os_compute_api:servers:show:host_status', target);
  if (!all && !call.allows('os_compute_api:servers:show:host_status:unknown-only', target)) return undefined;
  const { hosts } = call.service;
  const status = new Map<string, string>();
  for (const host of await hosts.list()) {
    const { forcedDown, disabled } = host.service;
    const up = disabled ? 'MAINTENANCE' : 'UP';
    status.set(host.name, forcedDown ? 'DOWN' : hosts.isUp(host) ? up : 'UNKNOWN');
  }
  return (host) => {
    const shown = host === null ? '' : (status.get(host) ?? 'UNKNOWN');
    return all || shown === 'UNKNOWN' ? shown : undefined;
  };
}

const boundTo = (call: ServerCall) => ({ atLeast: call.atLeast.bind(call) });
