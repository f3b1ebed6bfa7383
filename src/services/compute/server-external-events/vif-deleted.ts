import type { PortFacts } from '#contracts/network.ts';
import { isKind } from '#kit/errors/cloud-error.ts';

import { detachInterfaceSaga, forgetInterface } from '../interfaces/interface.saga.ts';
import { systemRequester } from '../loops/system-requester.ts';
import { beginOperation } from '../operations/begin.ts';
import { rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';

/**
 * Takes the interface of a port that is gone from its server. One to whose guest it cannot be done now keeps it, as one
 * that is being deleted does.
 */
export async function detachDeletedPort(service: Compute, serverId: string, portId: string): Promise<void> {
  const server = await service.servers.find(serverId);
  const known = server?.interfaces.find((nic) => nic.portId === portId);
  if (!server || !known || server.taskState === 'deleting') return;
  const port = await findPort(service, portId);
  if (port?.deviceId === serverId) return;
  if (server.host === null) return forgetInterface(service, server, portId);
  const input = { interface: { portId, made: known.made } };
  try {
    await beginOperation(systemRequester(service), server, rules.detachInterface, detachInterfaceSaga, input);
  } catch (error) {
    if (!isKind(error, 'conflict', 'notFound')) throw error;
    service.parts.log.info(
      { server: serverId, port: portId },
      `port is gone, interface stays: ${error.message}`,
    );
  }
}

/** Detaches the interfaces of ports that users delete. */
export function watchPorts(service: Compute): void {
  const { network, log } = service.parts;
  network.onPort(({ status, deviceId, portId }) => {
    if (status !== 'DELETED' || deviceId === '') return;
    detachDeletedPort(service, deviceId, portId).catch((error: unknown) =>
      log.error({ err: error, port: portId }, 'a deleted port was not detached'),
    );
  });
}

async function findPort(service: Compute, id: string): Promise<PortFacts | undefined> {
  try {
    return await service.parts.network.port(id);
  } catch (error) {
    if (isKind(error, 'notFound')) return undefined;
    throw error;
  }
}
