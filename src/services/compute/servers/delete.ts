import { beginOperation, requesterOf, subjectOf } from '../operations/begin.ts';
import { deleteSaga } from './delete.saga.ts';
import type { ServerCall } from './find.ts';
import type { Server } from './server.ts';
import type { Rule } from './state.ts';

/** Starts to delete a server, whatever state it is in. One that is being deleted already is left to it. */
export async function deleteServer(call: ServerCall, server: Server, rule: Rule): Promise<void> {
  const { sagas } = call.service.parts;
  await beginOperation(
    requesterOf(call),
    server,
    rule,
    deleteSaga,
    {},
    {
      unless: async (current) =>
        current.taskState === 'deleting' && (await sagas.active(subjectOf(current.id))).length > 0,
    },
  );
}
