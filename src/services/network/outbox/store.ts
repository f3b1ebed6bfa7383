import { type Expression, type ExpressionBuilder, sql, type SqlBool } from 'kysely';

import type { Database } from '#kit/db/database.ts';

import { owners } from '../ports/owners.ts';
import type { Db, Tables } from '../tables.ts';
import type { EngineKind } from './kinds.ts';

/** One engine-level resource to make so. The token tells a row from a later one for the same resource. */
export interface OutboxRow {
  readonly kind: string;
  readonly resource_id: string;
  readonly token: string;
  readonly enqueued_at: number;
}

/** Rows of one insert: a query has at most some ten thousands of values, on either engine. */
const insertable = 1000;

/** Notes resources, however many; one that waits already is noted once, under the new token. */
export async function enqueue(
  db: Db,
  resources: readonly { kind: string; id: string }[],
  token: string,
  now: number,
): Promise<void> {
  const rows = resources.map(({ kind, id }) => ({ kind, resource_id: id, token, enqueued_at: now }));
  for (let i = 0; i < rows.length; i += insertable) {
    await db
      .insertInto('network_outbox')
      .values(rows.slice(i, i + insertable))
      .onConflict((conflict) => conflict.columns(['kind', 'resource_id']).doUpdateSet({ token }))
      .execute();
  }
}

/** The longest waiting rows. */
export const waiting = (db: Db, limit: number): Promise<OutboxRow[]> =>
  db.selectFrom('network_outbox').selectAll().orderBy('enqueued_at').limit(limit).execute();

/** Whether anything enqueued under `token` still waits. */
export async function waits(db: Db, token: string): Promise<boolean> {
  const row = await db
    .selectFrom('network_outbox')
    .select('kind')
    .where('token', '=', token)
    .executeTakeFirst();
  return row !== undefined;
}

/** Removes rows that were applied, but not those enqueued again meanwhile. */
export async function remove(db: Db, rows: readonly OutboxRow[]): Promise<void> {
  await db.deleteFrom('network_outbox').where(anyOf(rows)).execute();
}

/** Puts rows behind all others. */
export async function postpone(db: Db, rows: readonly OutboxRow[], now: number): Promise<void> {
  if (rows.length > 0)
    await db.updateTable('network_outbox').set({ enqueued_at: now }).where(anyOf(rows)).execute();
}

const anyOf =
  (rows: readonly OutboxRow[]) =>
  (eb: ExpressionBuilder<Tables, 'network_outbox'>): Expression<SqlBool> =>
    eb.or(
      rows.map((row) =>
        eb.and([
          eb('kind', '=', row.kind),
          eb('resource_id', '=', row.resource_id),
          eb('token', '=', row.token),
        ]),
      ),
    );

/** Runs `work` while no other control process does. Answers whether it ran: another one may be at it. */
export function alone(
  db: Db,
  databaseKind: Database['kind'],
  work: (connection: Db) => Promise<void>,
): Promise<boolean> {
  if (databaseKind === 'sqlite') return work(db).then(() => true);
  // such a lock goes with its connection, so a process that dies does not keep it
  const lock = sql`hashtextextended('network outbox', 0)`;
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${lock}) as taken`.execute(
      connection,
    );
    if (!rows[0]!.taken) return false;
    try {
      await work(connection);
      return true;
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
  });
}

/** The ids of everything of one kind the engine should have. */
export async function wantedIds(db: Db, kind: EngineKind): Promise<Set<string>> {
  const rows = await wantedRows(db, kind);
  return new Set(rows.map((row) => row.id));
}

function wantedRows(db: Db, kind: EngineKind): Promise<{ id: string }[]> {
  switch (kind) {
    case 'network':
      return db.selectFrom('network_networks').select('id').execute();
    case 'securityGroup':
      return db.selectFrom('network_security_groups').select('id').execute();
    case 'port':
      return db
        .selectFrom('network_ports')
        .select('id')
        .where('device_owner', '!=', owners.floatingIp)
        .execute();
    case 'router':
      return db.selectFrom('network_routers').select('id').execute();
  }
}
