import { saga } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { hardwareOf } from '../operations/hardware.ts';
import { callHost } from '../operations/host-calls.ts';
import { dropInterfaces, makeInterface } from '../operations/interfaces.ts';
import { advance, currentServer, fail, hostOf, noteEnd, tryToAdvance } from '../operations/progress.ts';
import type { PlannedInterface } from '../servers/networks.ts';
import type { Server, ServerInterface } from '../servers/server.ts';
import type { Compute } from '../service.ts';

export interface AttachInput extends OperationInput {
  readonly interface: PlannedInterface;
}

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
      await advance(step, { interfaces: [...others(server, nic.portId), nic] });
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
      await fail(step);
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
    undo: (step) => fail(step),
  })
  .build();

/** Tolerates that the interface is only half there, or gone. */
async function removeInterface(
  step: { deps: Compute; input: OperationInput; sagaId: string },
  nic: Pick<ServerInterface, 'portId' | 'made'>,
): Promise<void> {
  const server = await step.deps.servers.find(step.input.serverId);
  if (!server) return;
  if (server.host !== null) {
    const args = { id: server.id, portId: nic.portId };
    await callHost(step.deps, server.host, 'guest.detachInterface', args);
  }
  await tryToAdvance(step, { interfaces: others(server, nic.portId) });
  await dropInterfaces(step.deps, server.id, [nic]);
}

const others = (server: Server, portId: string): ServerInterface[] =>
  server.interfaces.filter((nic) => nic.portId !== portId);
