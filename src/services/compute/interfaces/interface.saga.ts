import { isKind } from '#kit/errors/cloud-error.ts';
import { saga } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { hardwareOf } from '../operations/hardware.ts';
import { callHost } from '../operations/host-calls.ts';
import { dropInterfaces, makeInterface } from '../operations/interfaces.ts';
import { currentServer, hostOf, noteEnd } from '../operations/progress.ts';
import { editServer } from '../servers/edit.ts';
import type { PlannedInterface } from '../servers/networks.ts';
import type { Server, ServerInterface } from '../servers/server.ts';
import type { Compute } from '../service.ts';

/** What an attachment is given. */
export interface AttachInput extends OperationInput {
  readonly interface: PlannedInterface;
}

/** What a detachment is given. */
export interface DetachInput extends OperationInput {
  readonly interface: Pick<ServerInterface, 'portId' | 'made'>;
}

/** Gives a server one more interface, while it runs or not. */
export const attachInterfaceSaga = saga<Compute, AttachInput>('compute.server.attach-interface@1')
  .step('attach', {
    do: async (step) => {
      const server = await currentServer(step);
      const host = hostOf(server);
      const nic = await makeInterface(step.deps, server, step.input.interface, [], host);
      await editServer(step.deps, server, 'interfaces', (all) => [...without(all, nic.portId), nic]);
      const { portId, networkId, mac, mtu } = nic;
      await callHost(step.deps, host, 'guest.attachInterface', {
        id: server.id,
        nic: { portId, networkId, mac, mtu },
        model: hardwareOf(server).vifModel,
      });
      await noteEnd(step);
    },
    undo: async (step) => {
      await removeInterface(step, step.input.interface);
      await noteEnd(step, 'Error');
    },
  })
  .build();

/** Takes an interface from a server, and its port too when that was made for the server. */
export const detachInterfaceSaga = saga<Compute, DetachInput>('compute.server.detach-interface@1')
  .step('detach', {
    do: async (step) => {
      await removeInterface(step, step.input.interface);
      await noteEnd(step);
    },
    undo: (step) => noteEnd(step, 'Error'),
  })
  .build();

/** Tolerates that the interface is only half there, or gone. */
async function removeInterface(
  step: { deps: Compute; input: OperationInput },
  nic: Pick<ServerInterface, 'portId' | 'made'>,
): Promise<void> {
  const server = await step.deps.servers.find(step.input.serverId);
  if (!server) return;
  if (server.host !== null) {
    const args = { id: server.id, portId: nic.portId };
    await callHost(step.deps, server.host, 'guest.detachInterface', args);
  }
  await forgetInterface(step.deps, server, nic.portId);
  await dropInterfaces(step.deps, server.id, [nic]);
}

/** Takes an interface out of what is known of a server, whatever else is being done to that; a deletion, too. */
export async function forgetInterface(service: Compute, server: Server, portId: string): Promise<void> {
  const known = (all: readonly ServerInterface[]) => all.some((nic) => nic.portId === portId);
  try {
    await editServer(service, server, 'interfaces', (all) => (known(all) ? without(all, portId) : undefined));
  } catch (error) {
    if (!isKind(error, 'notFound')) throw error;
  }
}

const without = (interfaces: readonly ServerInterface[], portId: string): ServerInterface[] =>
  interfaces.filter((nic) => nic.portId !== portId);
