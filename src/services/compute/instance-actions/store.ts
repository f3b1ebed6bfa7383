import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';
import { afterMarker } from '#kit/db/keyset.ts';

/** Something a user did to a server; its events are the steps of its sagas. */
export interface ServerAction {
  readonly serverId: string;
  readonly requestId: string;
  readonly action: string;
  readonly userId: string | null;
  readonly projectId: string | null;
  /** The host the server was on when it began; null: on none. */
  readonly host: string | null;
  /** The sagas that carried it out, first one first; none for what was done at once. */
  readonly sagas: readonly string[];
  /** `Error` when it failed. */
  readonly message: string | null;
  readonly startedAt: number;
  readonly updatedAt: number;
}

interface ActionRow {
  server_id: string;
  request_id: string;
  action: string;
  user_id: string | null;
  project_id: string | null;
  host: string | null;
  sagas: string;
  message: string | null;
  started_at: number;
  updated_at: number;
}

/** One row for each server and request: `request_id` is what the API shows as the action's id. */
export interface ActionTables {
  compute_server_actions: ActionRow;
}

type Db = Kysely<ActionTables> | Transaction<ActionTables>;

/** Which actions of a server a list holds. Times in milliseconds, inclusive. */
export interface ActionFilter {
  readonly changedSince?: number;
  readonly changedBefore?: number;
  readonly limit?: number;
  readonly after?: ServerAction;
}

/** The server actions' only SQL. */
export class ServerActionStore {
  readonly #db: Kysely<ActionTables>;

  constructor(db: Kysely<ActionTables>) {
    this.#db = db;
  }

  /** Records an action; a request that acts twice on one server keeps its first record. */
  async insert(action: ServerAction, db: Db = this.#db): Promise<void> {
    await db
      .insertInto('compute_server_actions')
      .values(toRow(action))
      .onConflict((c) => c.columns(['server_id', 'request_id']).doNothing())
      .execute();
  }

  /** Newest first. */
  async list(serverId: string, filter: ActionFilter = {}): Promise<ServerAction[]> {
    let query = this.#db.selectFrom('compute_server_actions').selectAll().where('server_id', '=', serverId);
    if (filter.changedSince !== undefined) query = query.where('updated_at', '>=', filter.changedSince);
    if (filter.changedBefore !== undefined) query = query.where('updated_at', '<=', filter.changedBefore);
    if (filter.limit !== undefined) query = query.limit(filter.limit);
    const sort = ['started_at', 'request_id'].map((column) => ({ column, direction: 'desc' as const }));
    const after = filter.after && { ...toRow(filter.after) };
    return (await afterMarker(query, sort, after).execute()).map((row) => fromRow(row as ActionRow));
  }

  async find(serverId: string, requestId: string): Promise<ServerAction | undefined> {
    const row = await this.#db
      .selectFrom('compute_server_actions')
      .selectAll()
      .where('server_id', '=', serverId)
      .where('request_id', '=', requestId)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Notes that an action ended, and how; or, with `saga`, that another saga goes on with it. */
  async update(
    serverId: string,
    requestId: string,
    changes: { message?: string; saga?: string; updatedAt: number },
    db: Db = this.#db,
  ): Promise<void> {
    const known = changes.saga === undefined ? undefined : await this.find(serverId, requestId);
    await db
      .updateTable('compute_server_actions')
      .set({
        updated_at: changes.updatedAt,
        ...(changes.message !== undefined && { message: changes.message }),
        ...(known && { sagas: toJson([...known.sagas, changes.saga]) }),
      })
      .where('server_id', '=', serverId)
      .where('request_id', '=', requestId)
      .execute();
  }

  /** Forgets the actions of servers that were purged. */
  async purge(serverIds: readonly string[]): Promise<void> {
    if (serverIds.length === 0) return;
    await this.#db.deleteFrom('compute_server_actions').where('server_id', 'in', serverIds).execute();
  }
}

const toRow = (action: ServerAction): ActionRow => ({
  server_id: action.serverId,
  request_id: action.requestId,
  action: action.action,
  user_id: action.userId,
  project_id: action.projectId,
  host: action.host,
  sagas: toJson(action.sagas),
  message: action.message,
  started_at: action.startedAt,
  updated_at: action.updatedAt,
});

const fromRow = (row: ActionRow): ServerAction => ({
  serverId: row.server_id,
  requestId: row.request_id,
  action: row.action,
  userId: row.user_id,
  projectId: row.project_id,
  host: row.host,
  sagas: fromJson(row.sagas),
  message: row.message,
  startedAt: row.started_at,
  updatedAt: row.updated_at,
});
