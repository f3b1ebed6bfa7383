import { saga } from '#kit/saga/saga.ts';

import type { OperationInput } from '../operations/begin.ts';
import { guestSpecOf } from '../operations/guest-spec.ts';
import { callHost, slowMs } from '../operations/host-calls.ts';
import {
  advance,
  completeWithNotes,
  currentServer,
  fail,
  hostOf,
  type Progress,
  putBack,
} from '../operations/progress.ts';
import type { MigrationStatus } from '../server-migrations/store.ts';
import { type FlavorSnapshot, powerStates, type Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { migrationConsumerOf } from './migration-consumer.ts';
import { shutDown } from './power.saga.ts';

/** What a resize is given. The server's row takes the new flavor at the very end, when the guest has it. */
export interface ResizeInput extends OperationInput {
  readonly flavor: FlavorSnapshot;
  /** Whether the server runs again afterwards. */
  readonly running: boolean;
}

/**
 * Makes a server another size on its host. What it had stays claimed in Placement, under a consumer of its own, and on
 * disk until the resize is confirmed or reverted.
 */
export const resizeSaga = saga<Compute, ResizeInput>('compute.server.resize@1')
  .step('claim', {
    do: async ({ deps, input, ...step }) => {
      const server = await currentServer({ deps, input, ...step });
      const { placement } = deps.parts;
      const migration = migrationConsumerOf(server.id);
      const host = await deps.hosts.find(hostOf(server));
      // a step repeated after a crash finds what the server had with the migration already
      if (Object.keys(await placement.allocations(migration)).length === 0)
        await placement.transfer(server.id, migration, 'MIGRATION');
      await deps.scheduler.claimHere({ ...server, flavor: input.flavor }, host!.uuid);
    },
    undo: async (step) => {
      const { placement } = step.deps.parts;
      const migration = migrationConsumerOf(step.input.serverId);
      // the migration gives back in place of what the server claimed
      if (Object.keys(await placement.allocations(migration)).length > 0)
        await placement.transfer(migration, step.input.serverId);
      await note(step, 'error');
      await fail(step);
    },
  })
  .step('stop', {
    do: async (step) => {
      const server = await currentServer(step);
      await advance(step, { taskState: 'resize_migrating' });
      await note(step, 'migrating');
      await shutDown(step.deps, server, hostOf(server));
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (server?.host && step.input.running) await putBack(step, () => startGuest(step.deps, server));
    },
  })
  .step('resize', {
    do: async (step) => {
      const server = await currentServer(step);
      await advance(step, { taskState: 'resize_finish' });
      await note(step, 'post-migrating');
      const spec = await guestSpecOf(step.deps, { ...server, flavor: step.input.flavor });
      await callHost(step.deps, hostOf(server), 'guest.resize', { spec }, { timeoutMs: slowMs });
    },
    undo: async (step) => {
      const server = await step.deps.servers.find(step.input.serverId);
      if (!server?.host) return;
      // it may run already, with its new size
      await shutDown(step.deps, server, server.host);
      await revertGuest(step.deps, server);
    },
  })
  .step('finish', {
    do: async (step) => {
      const server = await currentServer(step);
      const { flavor, running } = step.input;
      if (running) await startGuest(step.deps, { ...server, flavor });
      await note(step, 'finished');
      const resized = {
        vmState: 'resized',
        powerState: running ? powerStates.running : powerStates.shutdown,
        flavor,
        oldFlavor: server.oldFlavor ?? server.flavor,
        launchedAt: step.deps.parts.clock.now(),
      } as const;
      const oldVmState = running ? 'active' : 'stopped';
      await completeWithNotes(step, resized, (notes) => ({ ...notes, old_vm_state: oldVmState }));
    },
  })
  .build();

/** Lets go of what the resize kept. */
export const confirmResizeSaga = saga<Compute, OperationInput>('compute.server.confirm-resize@1')
  .step('confirm', {
    do: async (step) => {
      const server = await currentServer(step);
      const { id } = server;
      await note(step, 'confirming');
      await callHost(step.deps, hostOf(server), 'guest.confirmResize', { id });
      await step.deps.parts.placement.release(migrationConsumerOf(id));
      await note(step, 'confirmed');
      const vmState = server.powerState === powerStates.shutdown ? 'stopped' : 'active';
      await completeWithNotes(step, { vmState, oldFlavor: null }, withoutOldState);
    },
    undo: async (step) => {
      // it can be tried again
      await note(step, 'finished');
      await fail(step);
    },
  })
  .build();

/** Makes a resized server what it was before. */
export const revertResizeSaga = saga<Compute, OperationInput>('compute.server.revert-resize@1')
  .step('stop', {
    do: async (step) => {
      const server = await currentServer(step);
      await note(step, 'reverting');
      await shutDown(step.deps, server, hostOf(server));
      await advance(step, { powerState: powerStates.shutdown });
    },
    undo: async (step) => {
      await note(step, 'error');
      await fail(step, { vmState: 'error' });
    },
  })
  .step('revert', {
    do: async (step) => {
      const server = await currentServer(step);
      const before = { ...server, flavor: server.oldFlavor ?? server.flavor };
      await revertGuest(step.deps, before);
      const migration = migrationConsumerOf(server.id);
      const { placement } = step.deps.parts;
      if (Object.keys(await placement.allocations(migration)).length > 0)
        await placement.transfer(migration, server.id);
    },
  })
  .step('finish', {
    do: async (step) => {
      const server = await currentServer(step);
      const running = server.systemMetadata.old_vm_state !== 'stopped';
      const before = { ...server, flavor: server.oldFlavor ?? server.flavor };
      if (running) await startGuest(step.deps, before);
      await note(step, 'reverted');
      const reverted = {
        vmState: running ? 'active' : 'stopped',
        powerState: running ? powerStates.running : powerStates.shutdown,
        flavor: before.flavor,
        oldFlavor: null,
        launchedAt: step.deps.parts.clock.now(),
      } as const;
      await completeWithNotes(step, reverted, withoutOldState);
    },
  })
  .build();

/** Notes in the record of the resize how far it is. */
const note = ({ deps, input }: Progress, status: MigrationStatus): Promise<void> =>
  deps.migrations.advance(input.serverId, status, deps.parts.clock.now());

async function startGuest(service: Compute, server: Server): Promise<void> {
  const spec = await guestSpecOf(service, server);
  await callHost(service, hostOf(server), 'guest.start', { spec }, { timeoutMs: slowMs });
}

async function revertGuest(service: Compute, server: Server): Promise<void> {
  const spec = await guestSpecOf(service, server);
  await callHost(service, hostOf(server), 'guest.revertResize', { spec }, { timeoutMs: slowMs });
}

function withoutOldState(notes: Server['systemMetadata']): Server['systemMetadata'] {
  const { old_vm_state: _, ...rest } = notes;
  return rest;
}
