import type { Transaction } from 'kysely';

import { CloudError } from '#kit/errors/cloud-error.ts';
import type { SagaError } from '#kit/saga/saga.ts';

import { serverNotFound } from '../servers/find.ts';
import type { Server, ServerFault } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import type { OperationInput } from './begin.ts';

/** What a step of a saga on a server has in hand; an undo as well. */
export interface Progress {
  readonly deps: Compute;
  readonly input: OperationInput;
  readonly sagaId: string;
}

/** Another operation, e.g. a delete, has taken the server over: the saga it came from has nothing to say any more. */
export class Overtaken extends CloudError {
  constructor(serverId: string) {
    super('conflict', `Another operation on instance ${serverId} has taken over.`);
  }
}

/** The server as it is now. Throws `notFound` when it was deleted meanwhile. */
export async function currentServer({ deps, input }: Progress): Promise<Server> {
  const server = await deps.servers.find(input.serverId);
  if (!server) throw serverNotFound(input.serverId);
  return server;
}

/** The host a server is on. Throws `conflict` when it is on none. */
export function hostOf(server: Server): string {
  if (server.host === null) throw new CloudError('conflict', `Instance ${server.id} is not ready`);
  return server.host;
}

/** Changes the server on behalf of a saga. Throws {@link Overtaken} once another operation has taken over. */
export async function advance(progress: Progress, changes: Partial<Server>): Promise<void> {
  if (!(await tryToAdvance(progress, changes))) throw new Overtaken(progress.input.serverId);
}

/** Like {@link advance}, for undos: false when another operation has taken over, which then has the last word. */
export const tryToAdvance = ({ deps, input, sagaId }: Progress, changes: Partial<Server>): Promise<boolean> =>
  deps.servers.update(input.serverId, changes, { operation: sagaId, deletedAt: null });

/** Puts a guest back to what it was before an operation that failed. A server that this cannot be done to is in error. */
export async function putBack(progress: Progress, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const { deps, input } = progress;
    deps.parts.log.warn({ err: error, server: input.serverId }, 'a guest could not be put back');
    await tryToAdvance(progress, { vmState: 'error' });
  }
}

/** Ends an operation well: the server is as `changes` say and free for the next one. */
export async function complete(progress: Progress, changes: Partial<Server>): Promise<void> {
  if (!(await end(progress, changes))) throw new Overtaken(progress.input.serverId);
}

/**
 * Like {@link complete}, for an operation that changes the server's notes: `edit` gets them as they are now, again when
 * somebody changed them in between, as a guest does that posts its password.
 */
export async function completeWithNotes(
  progress: Progress,
  changes: Omit<Partial<Server>, 'systemMetadata'>,
  edit: (notes: Server['systemMetadata']) => Server['systemMetadata'],
): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const { systemMetadata: before, operation } = await currentServer(progress);
    if (operation !== progress.sagaId) break;
    const after = { ...changes, systemMetadata: edit(before) };
    if (await end(progress, after, undefined, { systemMetadata: before })) return;
  }
  throw new Overtaken(progress.input.serverId);
}

/**
 * Ends an operation that failed: the server is free again, with a fault that says why. `changes` say what it is now;
 * left out, it is what it was before.
 */
export async function fail(
  progress: Progress & { error: SagaError; memo: Readonly<Record<string, unknown>> },
  changes: Partial<Server> = {},
): Promise<void> {
  const { deps, input } = progress;
  const fault = faultOf(progress, deps.parts.clock.now());
  await end(progress, { ...changes, fault }, 'Error');
  deps.doubt(input.serverId);
}

/**
 * Frees the server and notes the end in its history, both or neither; false when another operation has taken over, or the
 * server is not as `seen` says any more.
 */
function end(
  progress: Progress,
  changes: Partial<Server>,
  message?: string,
  seen: Partial<Server> = {},
): Promise<boolean> {
  const { deps, input, sagaId } = progress;
  return deps.parts.database.transaction(async (trx: Transaction<object>) => {
    const expected = { ...seen, operation: sagaId, deletedAt: null };
    const changed = await deps.servers.update(
      input.serverId,
      { ...changes, taskState: null },
      expected,
      trx as never,
    );
    await noteEnd(progress, message, trx);
    return changed;
  });
}

/** Notes the end of an operation in the server's history. */
export async function noteEnd(
  { deps, input }: Progress,
  message?: string,
  trx?: Transaction<object>,
): Promise<void> {
  const changes = { updatedAt: deps.parts.clock.now(), ...(message !== undefined && { message }) };
  await deps.actions.update(input.serverId, input.requestId, changes, trx as never);
}

/** A fault as Nova shows it: everything that went wrong inside is a 500. Details tell what went wrong first. */
const faultOf = (
  { error, memo }: { error: SagaError; memo: Readonly<Record<string, unknown>> },
  now: number,
): ServerFault => ({
  code: 500,
  message: error.message,
  details: `${error.step}: ${typeof memo.reason === 'string' ? memo.reason : error.message}`,
  createdAt: now,
});
