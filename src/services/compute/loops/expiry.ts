import { isKind } from '#kit/errors/cloud-error.ts';
import type { Loop } from '#kit/loop/loops.ts';
import type { Saga } from '#kit/saga/saga.ts';

import { beginOperation, type OperationInput } from '../operations/begin.ts';
import { confirmResizeSaga } from '../server-actions/resize.saga.ts';
import { offloadSaga } from '../server-actions/shelve.saga.ts';
import type { Server } from '../servers/server.ts';
import { type Rule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { systemRequester } from './system-requester.ts';

const everyMs = 60_000;
const day = 24 * 3_600_000;
const batch = 200;

/** Confirms resizes that nobody settled, as long as `resize_confirm_window` says; 0: never. */
export const resizeConfirmLoop = (service: Compute): Loop => ({
  name: 'compute.resize-confirms',
  everyMs,
  run: async () => {
    const { resize_confirm_window: window } = service.parts.options;
    if (window === 0) return;
    const before = service.parts.clock.now() - window * 1000;
    for (const server of await idle(service, 'resized'))
      if ((server.launchedAt ?? Infinity) <= before)
        await beginUnlessChanged(service, server, rules.confirmResize, confirmResizeSaga);
  },
});

/** Removes shelved servers from their hosts when `shelved_offload_time` has passed; 0 is done at once, -1 never. */
export const shelveOffloadLoop = (service: Compute): Loop => ({
  name: 'compute.shelve-offloads',
  everyMs,
  run: async () => {
    const { shelved_offload_time: after } = service.parts.options;
    if (after < 0) return;
    const before = service.parts.clock.now() - after * 1000;
    for (const server of await idle(service, 'shelved'))
      if (Date.parse(server.systemMetadata.shelved_at ?? '') <= before)
        await beginUnlessChanged(service, server, rules.shelveOffload, offloadSaga);
  },
});

/** Begins an operation; a server that somebody else deleted or is at work on since the list was made is passed over. */
async function beginUnlessChanged(
  service: Compute,
  server: Server,
  rule: Rule,
  saga: Saga<Compute, OperationInput>,
): Promise<void> {
  try {
    await beginOperation(systemRequester(service), server, rule, saga, {});
  } catch (error) {
    if (!isKind(error, 'conflict', 'notFound')) throw error;
  }
}

const idle = async (service: Compute, vmState: Server['vmState']): Promise<Server[]> =>
  (await service.servers.list({ vmStates: [vmState], deleted: 'no' })).filter((s) => s.taskState === null);

/** Forgets servers that were deleted long ago, with what was done to them. */
export const purgeLoop = (service: Compute): Loop => ({
  name: 'compute.purge',
  everyMs: 3_600_000,
  run: async () => {
    const { purge_deleted_after: days } = service.parts.options;
    if (days < 0) return;
    const before = service.parts.clock.now() - days * day;
    for (;;) {
      const ids = await service.servers.purge(before, batch);
      await service.actions.purge(ids);
      await service.migrations.purge(ids);
      if (ids.length < batch) break;
    }
    await service.parts.sagas.journal.purge(before);
  },
});
