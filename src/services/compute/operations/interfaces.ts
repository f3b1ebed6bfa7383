import type { PortFacts } from '#contracts/network.ts';
import { isKind } from '#kit/errors/cloud-error.ts';

import type { PlannedInterface } from '../servers/networks.ts';
import type { Server, ServerInterface } from '../servers/server.ts';
import type { Compute } from '../service.ts';

/** The device owner of servers' ports: `compute:` and the zone. */
export const deviceOwnerOf = (zone: string | null): string => `compute:${zone ?? 'nova'}`;

/** Makes, or claims, the ports of a server on a host. Idempotent, since their ids are known beforehand. */
export async function makeInterfaces(
  service: Compute,
  server: Server,
  planned: readonly PlannedInterface[],
  securityGroups: readonly string[],
  host: string,
): Promise<ServerInterface[]> {
  const interfaces: ServerInterface[] = [];
  for (const plan of planned)
    interfaces.push(await makeInterface(service, server, plan, securityGroups, host));
  return interfaces;
}

/** Makes, or claims, one port of a server, bound to a host. Idempotent. */
export async function makeInterface(
  service: Compute,
  server: Server,
  plan: PlannedInterface,
  securityGroups: readonly string[],
  host: string,
): Promise<ServerInterface> {
  const { network } = service.parts;
  const owner = deviceOwnerOf(server.availabilityZone);
  const port = plan.made
    ? await network.createPort({
        id: plan.portId,
        networkId: plan.networkId ?? (await network.autoAllocate(server.projectId)),
        projectId: server.projectId,
        deviceId: server.id,
        deviceOwner: owner,
        securityGroups,
        dnsName: server.hostname,
        host,
        ...(plan.fixedIp !== null && { fixedIp: plan.fixedIp }),
      })
    : await network.claimPort(plan.portId, { id: server.id, owner, dnsName: server.hostname, host });
  return interfaceOf(port, plan);
}

const interfaceOf = (port: PortFacts, plan: PlannedInterface): ServerInterface => ({
  portId: port.id,
  networkId: port.networkId,
  mac: port.mac,
  mtu: port.networkMtu,
  made: plan.made,
  tag: plan.tag,
});

/** Deletes the ports that were made for a server and gives back those the user brought. Tolerates absence. */
export async function dropInterfaces(
  service: Compute,
  serverId: string,
  interfaces: readonly Pick<ServerInterface, 'portId' | 'made'>[],
): Promise<void> {
  for (const { portId, made } of interfaces) {
    if (made) await service.parts.network.deletePort(portId);
    else await releaseIfOurs(service, serverId, portId);
  }
}

/** A port that another server claimed first, or that is gone, is not ours to give back. */
async function releaseIfOurs(service: Compute, serverId: string, portId: string): Promise<void> {
  const port = await service.parts.network.port(portId).catch((error: unknown) => {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  });
  if (port?.deviceId === serverId) await service.parts.network.releasePort(portId);
}

/** Binds a server's ports to the host it is on; answers those that are still there. Idempotent. */
export async function bindInterfaces(
  service: Compute,
  interfaces: readonly ServerInterface[],
  host: string,
): Promise<ServerInterface[]> {
  const { network } = service.parts;
  const bound: ServerInterface[] = [];
  for (const nic of interfaces) if (await unlessGone(network.bindPort(nic.portId, host))) bound.push(nic);
  return bound;
}

/** Unbinds a server's ports from any host. Ports that are gone are passed over. */
export async function unbindInterfaces(
  service: Compute,
  interfaces: readonly Pick<ServerInterface, 'portId'>[],
): Promise<void> {
  for (const { portId } of interfaces) await unlessGone(service.parts.network.unbindPort(portId));
}

/** Whether what is done to a port found it. */
const unlessGone = (done: Promise<unknown>): Promise<boolean> =>
  done.then(
    () => true,
    (error: unknown) => {
      if (isKind(error, 'notFound')) return false;
      throw error;
    },
  );
