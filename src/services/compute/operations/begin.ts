import type { Transaction } from 'kysely';

import type { AnyTransaction } from '#kit/db/database.ts';
import { conflict } from '#kit/errors/cloud-error.ts';
import type { Saga } from '#kit/saga/saga.ts';

import { isAdmin, type ServerCall, serverNotFound } from '../servers/find.ts';
import type { Server } from '../servers/server.ts';
import { checkRule, type Rule } from '../servers/state.ts';
import type { Compute } from '../service.ts';

/** What every saga on a server is told. */
export interface OperationInput {
  readonly serverId: string;
  /** The request that asked for it: its record in the server's actions. */
  readonly requestId: string;
}

/** What a saga works on, as the engine names it. */
export const subjectOf = (serverId: string): string => `server:${serverId}`;

/** Who asked for an operation: a caller, or Compute itself. */
export interface Requester {
  readonly service: Compute;
  readonly requestId: string;
  readonly userId: string | null;
  readonly projectId: string | null;
  readonly admin: boolean;
}

/** The caller of an endpoint, as operations know them. */
export const requesterOf = (call: ServerCall): Requester => ({
  service: call.service,
  requestId: call.request.id,
  userId: call.auth.userId,
  projectId: call.auth.projectId ?? null,
  admin: isAdmin(call),
});

/** What an operation does beside its saga, in the same transaction. */
export interface BeginOptions {
  /** Changes of the server that are visible at once. */
  readonly changes?: Partial<Server>;
  /** Checked in the transaction, e.g. quotas; throws to refuse. */
  readonly check?: (trx: AnyTransaction) => Promise<void>;
  /** Done once it is certain that the operation begins, and before its first step; must not throw. */
  readonly begun?: () => void;
  /** Whether the operation is not needed any more, looked at before each attempt. */
  readonly unless?: (server: Server) => Promise<boolean>;
}

/** Starts an operation as {@link startOperation} does; for handlers that answer nothing. */
export async function beginOperation<Input extends OperationInput>(
  ...args: Parameters<typeof startOperation<Input>>
): Promise<void> {
  await startOperation(...args);
}

/**
 * Starts an operation on a server: its task state, its record and its saga are committed together, or none of them.
 * Answers the saga's id; undefined when it turned out not to be needed. Throws `conflict`, in Nova's words, when the
 * server's state forbids it or somebody else was faster.
 */
export async function startOperation<Input extends OperationInput>(
  requester: Requester,
  server: Server,
  rule: Rule,
  saga: Saga<Compute, Input>,
  input: Omit<Input, keyof OperationInput>,
  options: BeginOptions = {},
): Promise<string | undefined> {
  const { service } = requester;
  let current = server;
  for (let tries = 0; tries < 5; tries++) {
    checkRule(current, rule, requester);
    if (await options.unless?.(current)) return undefined;
    const operation = await tryToBegin(requester, current, rule, saga, input, options);
    if (operation !== undefined) return operation;
    const found = await service.servers.find(server.id);
    if (!found) throw serverNotFound(server.id);
    current = found;
  }
  throw conflict(`Instance ${server.id} is being changed by others. Please try again.`);
}

/** The server is not as it was when its state was checked. */
class LostRace extends Error {}

async function tryToBegin<Input extends OperationInput>(
  requester: Requester,
  server: Server,
  rule: Rule,
  saga: Saga<Compute, Input>,
  input: Omit<Input, keyof OperationInput>,
  options: BeginOptions,
): Promise<string | undefined> {
  const { service, requestId } = requester;
  const full = { ...input, serverId: server.id, requestId } as Input;
  try {
    return await service.parts.database.transaction(async (trx: Transaction<object>) => {
      await options.check?.(trx);
      if (options.begun) service.parts.database.onceCommitted(trx, options.begun);
      const operation = await service.parts.sagas.start(trx, saga, subjectOf(server.id), full);
      // what does not show in the state leaves the state to others, and goes on beside them
      const owned = rule.task === null ? {} : { taskState: rule.task, operation };
      const changes = { ...options.changes, ...owned };
      const changed = await service.servers.update(server.id, changes, stateOf(server, rule), trx as never);
      if (!changed) throw new LostRace();
      await recordAction(requester, server, rule.record, [operation], trx);
      return operation;
    });
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
}

/** What must not have changed since the server was looked at. */
const stateOf = (server: Server, rule: Rule): Partial<Server> => ({
  operation: server.operation,
  deletedAt: null,
  // what goes on while the last operation runs matters only to those that look at it
  ...(rule.from !== null && { vmState: server.vmState }),
  ...(rule.during !== null && { taskState: server.taskState }),
});

/** Writes an action into the server's history. */
export async function recordAction(
  requester: Requester,
  server: Pick<Server, 'id' | 'host'>,
  action: string,
  sagas: readonly string[],
  trx?: AnyTransaction,
): Promise<void> {
  const now = requester.service.parts.clock.now();
  await requester.service.actions.insert(
    {
      serverId: server.id,
      requestId: requester.requestId,
      action,
      userId: requester.userId,
      projectId: requester.projectId,
      host: server.host,
      sagas,
      message: null,
      startedAt: now,
      updatedAt: now,
    },
    trx as never,
  );
}
