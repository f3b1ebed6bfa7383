import { saga } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { guestSpecOf, type RescueImage } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import { complete, currentServer, fail, hostOf, putBack } from '../operations/progress.ts';
import { powerStates, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { shutDown } from './power.saga.ts';

/** What a rescue is given; the server's row keeps its own image. */
export interface RescueInput extends OperationInput {
  /** What the guest boots instead of its own disk. */
  readonly image: RescueImage;
}

const running = { powerState: powerStates.running };

/** Boots a server from another image, its own root disk beside. */
export const rescueSaga = saga<Compute, RescueInput>('compute.server.rescue@1')
  .step('stop', {
    do: async (step) => {
      const server = await currentServer(step);
      await shutDown(step.deps, server, hostOf(server));
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      step.deps.adminPasswords.delete(step.input.serverId);
      if (server?.host) await putBack(step, () => asBefore(step.deps, server, server.host!));
      await fail(step);
    },
  })
  .step('rescue', {
    do: async (step) => {
      const server = await currentServer(step);
      await boot(step.deps, server, step.input.image);
      const launchedAt = step.deps.parts.clock.now();
      await complete(step, { vmState: 'rescued', ...running, launchedAt });
      step.deps.adminPasswords.delete(server.id);
    },
  })
  .build();

/** Boots a rescued server from its own disk again. */
export const unrescueSaga = saga<Compute, OperationInput>('compute.server.unrescue@1')
  .step('unrescue', {
    do: async (step) => {
      const server = await currentServer(step);
      await shutDown(step.deps, server, hostOf(server));
      await boot(step.deps, server);
      await complete(step, { vmState: 'active', ...running });
    },
    undo: (step) => fail(step),
  })
  .build();

/** Boots the server from its own disk if it ran before, else leaves it off. */
async function asBefore(service: Compute, server: Server, host: string): Promise<void> {
  if (server.vmState === 'active') await boot(service, server);
  else if (server.vmState === 'stopped') await shutDown(service, server, host);
}

async function boot(service: Compute, server: Server, rescue?: RescueImage): Promise<void> {
  const spec = await guestSpecOf(service, server, rescue ? { rescue } : {});
  await callHost(service, hostOf(server), 'guest.start', { spec }, { timeoutMs: slowMs });
}
