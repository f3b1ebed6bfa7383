import { isKind } from '#kit/errors/cloud-error.ts';
import { saga } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { cancelOthers } from '../operations/cancel-others.ts';
import { callHost, hostIsUp } from '../operations/host-calls.ts';
import { dropInterfaces } from '../operations/interfaces.ts';
import { complete, fail } from '../operations/progress.ts';
import { migrationConsumerOf } from '../server-actions/migration-consumer.ts';
import type { Compute } from '../service.ts';
import { portsOf } from './ports.ts';
import { powerStates, type Server } from './server.ts';

/** Removes a server, whatever is being done to it: that is cancelled and waited for first. */
export const deleteSaga = saga<Compute, OperationInput>('compute.server.delete@1')
  .step('cancelOthers', {
    do: cancelOthers,
    undo: (step) => fail(step, { vmState: 'error' }),
  })
  .step('destroy', {
    do: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (server?.host) await destroyGuest(step.deps, server, server.host);
    },
    retry: 'forever',
  })
  .step('forget', {
    do: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (!server) return;
      await release(step.deps, server);
      const now = step.deps.parts.clock.now();
      await complete(step, {
        vmState: 'deleted',
        powerState: powerStates.pending,
        terminatedAt: now,
        deletedAt: now,
      });
    },
    retry: 'forever',
  })
  .build();

/** A guest on a host that is down is left to the host's return: it is an orphan then. */
async function destroyGuest(service: Compute, server: Server, host: string): Promise<void> {
  const ports = server.interfaces.map((nic) => nic.portId);
  try {
    await callHost(service, host, 'guest.destroy', { id: server.id, ports });
  } catch (error) {
    if (!isKind(error, 'unavailable') || (await hostIsUp(service, host))) throw error;
  }
}

/** Gives back what the server holds outside Compute. Tolerates that some of it is gone. */
async function release(service: Compute, server: Server): Promise<void> {
  const { placement, image, clock } = service.parts;
  await dropAllPorts(service, server);
  await placement.release(server.id);
  if (server.oldFlavor) await placement.release(migrationConsumerOf(server.id));
  const migrated = server.vmState === 'resized' ? 'confirmed' : 'error';
  await service.migrations.advance(server.id, migrated, clock.now());
  const shelved = server.systemMetadata.shelved_image_id;
  if (shelved !== undefined) await image.discard(shelved);
}

/** Every port of the server, also one whose making was interrupted. */
async function dropAllPorts(service: Compute, server: Server): Promise<void> {
  const brought = new Set(server.interfaces.filter((nic) => !nic.made).map((nic) => nic.portId));
  const ports = await portsOf(service, [server]);
  await dropInterfaces(
    service,
    server.id,
    ports.map((port) => ({ portId: port.id, made: !brought.has(port.id) })),
  );
}
