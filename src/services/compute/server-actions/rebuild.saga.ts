import { saga } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { guestSpecOf } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import { advance, complete, currentServer, fail, hostOf } from '../operations/progress.ts';
import { fitsImage } from '../scheduler/filters/image-properties.ts';
import { noValidHost } from '../scheduler/scheduler.ts';
import { powerStates, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { shutDown } from './power.saga.ts';

/** What a rebuild is given. The new image and all else it changes stand in the server's row already. */
export interface RebuildInput extends OperationInput {
  /** Whether the server stays off, as it was. */
  readonly stopped: boolean;
  /** The image it had, which it keeps when its host cannot run the new one. */
  readonly before: Pick<Server, 'image' | 'imageRef' | 'systemMetadata'>;
}

/** Gives a server fresh disks. Once the old ones are gone there is no way back: a rebuild that fails leaves it in ERROR. */
export const rebuildSaga = saga<Compute, RebuildInput>('compute.server.rebuild@1')
  .step('check', {
    do: async (step) => {
      const server = await currentServer(step);
      const host = await step.deps.hosts.find(hostOf(server));
      if (host && !fitsImage(host.facts, server.image.properties)) throw noValidHost('');
    },
    undo: async (step) => {
      await fail(step, { vmState: 'error', ...(step.error.step === 'check' && step.input.before) });
      step.deps.adminPasswords.delete(step.input.serverId);
    },
  })
  .step('stop', {
    do: async (step) => {
      const server = await currentServer(step);
      await shutDown(step.deps, server, hostOf(server));
    },
  })
  .step('rebuild', {
    do: async (step) => {
      const server = await currentServer(step);
      await advance(step, { taskState: 'rebuild_spawning', powerState: powerStates.shutdown });
      const spec = await guestSpecOf(step.deps, server);
      await callHost(step.deps, hostOf(server), 'guest.rebuild', { spec }, { timeoutMs: slowMs });
    },
  })
  .step('start', {
    do: async (step) => {
      const server = await currentServer(step);
      const { stopped } = step.input;
      if (!stopped) {
        const spec = await guestSpecOf(step.deps, server);
        await callHost(step.deps, hostOf(server), 'guest.start', { spec }, { timeoutMs: slowMs });
      }
      await complete(step, {
        vmState: stopped ? 'stopped' : 'active',
        powerState: stopped ? powerStates.shutdown : powerStates.running,
        launchedAt: step.deps.parts.clock.now(),
      });
      step.deps.adminPasswords.delete(server.id);
    },
  })
  .build();
