import type { Kysely, Transaction } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import { fromJson, toJson } from '#kit/db/columns.ts';
import type { AnyTransaction, Database } from '#kit/db/database.ts';
import { afterMarker, type SortKey } from '#kit/db/keyset.ts';

/** `pending` until its saga begins, then `processing`; the other two are ends, which nothing changes any more. */
export type TaskStatus = 'pending' | 'processing' | 'success' | 'failure';

/** Something long the service does for a caller, and how it went. */
export interface Task {
  readonly id: string;
  /** `api_image_import` for an import into an image, `import` for one that makes its image. */
  readonly type: string;
  readonly status: TaskStatus;
  /** A project. */
  readonly owner: string;
  readonly userId: string;
  readonly requestId: string;
  readonly imageId: string | null;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly message: string;
  /** When it may be forgotten; null until it has ended. */
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a task is made from; its id is chosen before, since the image and the saga it is for name it. */
export type NewTask = Pick<Task, 'id' | 'type' | 'owner' | 'userId' | 'requestId' | 'imageId' | 'input'>;

/** The table of tasks; `input` and `result` are JSON, and `expires_at` stays null until the task has ended. */
export interface TaskTables {
  image_tasks: {
    id: string;
    type: string;
    status: string;
    owner: string;
    user_id: string;
    request_id: string;
    image_id: string | null;
    input: string;
    result: string | null;
    message: string;
    expires_at: number | null;
    created_at: number;
    updated_at: number;
  };
}

/** Which tasks, and in what order. */
export interface TaskQuery {
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly sort: readonly SortKey[];
  readonly marker: Task | undefined;
  readonly limit: number;
}

type Row = TaskTables['image_tasks'];

/** The tasks' only SQL. */
export class TaskStore {
  readonly #db: Kysely<TaskTables>;
  readonly #clock: Clock;
  readonly #timeToLiveMs: number;

  constructor(database: Database, clock: Clock, timeToLiveMs: number) {
    this.#db = database.tables();
    this.#clock = clock;
    this.#timeToLiveMs = timeToLiveMs;
  }

  async find(id: string): Promise<Task | undefined> {
    const row = await this.#db.selectFrom('image_tasks').selectAll().where('id', '=', id).executeTakeFirst();
    return row && fromRow(row);
  }

  async list(query: TaskQuery): Promise<Task[]> {
    let select = this.#db
      .selectFrom('image_tasks')
      .selectAll()
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>=', this.#clock.now())]));
    if (query.status !== undefined) select = select.where('status', '=', query.status);
    if (query.type !== undefined) select = select.where('type', '=', query.type);
    const marker = query.marker && { ...toRow(query.marker) };
    const rows = await afterMarker<Row>(select, query.sort, marker).limit(query.limit).execute();
    return rows.map(fromRow);
  }

  /** The tasks of an image, the newest first. */
  async ofImage(imageId: string): Promise<Task[]> {
    const rows = await this.#db
      .selectFrom('image_tasks')
      .selectAll()
      .where('image_id', '=', imageId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return rows.map(fromRow);
  }

  async insert(trx: AnyTransaction, task: NewTask): Promise<Task> {
    const now = this.#clock.now();
    const made: Task = {
      ...task,
      status: 'pending',
      result: null,
      message: '',
      expiresAt: null,
      createdAt: now,
      updatedAt: now,
    };
    await (trx as Transaction<TaskTables>).insertInto('image_tasks').values(toRow(made)).execute();
    return made;
  }

  async begin(id: string): Promise<void> {
    await this.#db
      .updateTable('image_tasks')
      .set({ status: 'processing', updated_at: this.#clock.now() })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .execute();
  }

  async succeed(trx: AnyTransaction, id: string, result: Task['result']): Promise<void> {
    await this.#end(trx as Transaction<TaskTables>, id, 'success', { result: toJson(result) });
  }

  async fail(id: string, message: string): Promise<void> {
    await this.#end(this.#db, id, 'failure', { message });
  }

  async removeExpired(): Promise<void> {
    await this.#db.deleteFrom('image_tasks').where('expires_at', '<', this.#clock.now()).execute();
  }

  async #end(
    db: Kysely<TaskTables>,
    id: string,
    status: TaskStatus,
    outcome: Partial<Pick<Row, 'result' | 'message'>>,
  ): Promise<void> {
    const now = this.#clock.now();
    await db
      .updateTable('image_tasks')
      .set({ ...outcome, status, updated_at: now, expires_at: now + this.#timeToLiveMs })
      .where('id', '=', id)
      .where('status', 'in', ['pending', 'processing'])
      .execute();
  }
}

const fromRow = (row: Row): Task => ({
  id: row.id,
  type: row.type,
  status: row.status as TaskStatus,
  owner: row.owner,
  userId: row.user_id,
  requestId: row.request_id,
  imageId: row.image_id,
  input: fromJson(row.input),
  result: row.result === null ? null : fromJson(row.result),
  message: row.message,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const toRow = (task: Task): Row => ({
  id: task.id,
  type: task.type,
  status: task.status,
  owner: task.owner,
  user_id: task.userId,
  request_id: task.requestId,
  image_id: task.imageId,
  input: toJson(task.input),
  result: task.result === null ? null : toJson(task.result),
  message: task.message,
  expires_at: task.expiresAt,
  created_at: task.createdAt,
  updated_at: task.updatedAt,
});
