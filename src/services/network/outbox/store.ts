import { owners } from '../ports/owners.ts';
import type { Db } from '../tables.ts';
import type { EngineKind } from '../work.ts';

/** One engine-level resource to make so. The token tells a row from a later one for the same resource. */
export interface OutboxRow {
  readonly kind: string;
  readonly resource_id: string;
  readonly token: string;
  readonly enqueued_at: number;
}

/** Notes resources; one that waits already is noted once, under the new token. */
export async function enqueue(
  db: Db,
  resources: readonly { kind: string; id: string }[],
  token: string,
  now: number,
): Promise<void> {
  await db
    .insertInto('network_outbox')
    .values(resources.map(({ kind, id }) => ({ kind, resource_id: id, token, enqueued_at: now })))
    .onConflict((conflict) => conflict.columns(['kind', 'resource_id']).doUpdateSet({ token }))
    .execute();
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
  await db
    .deleteFrom('network_outbox')
    .where((eb) =>
      eb.or(
        rows.map((row) =>
          eb.and([
            eb('kind', '=', row.kind),
            eb('resource_id', '=', row.resource_id),
            eb('token', '=', row.token),
          ]),
        ),
      ),
    )
    .execute();
}

/**
 * Takes or keeps the right to drain the outbox, so that of several control processes one does. Answers whether
 * `owner` has it until `expiresAt`.
 */
export async function lease(db: Db, owner: string, now: number, expiresAt: number): Promise<boolean> {
  const result = await db
    .insertInto('network_leases')
    .values({ name: 'outbox', owner, expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ owner, expires_at: expiresAt })
        .where((eb) =>
          eb.or([eb('network_leases.owner', '=', owner), eb('network_leases.expires_at', '<=', now)]),
        ),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Gives the right back. */
export async function release(db: Db, owner: string): Promise<void> {
  await db.deleteFrom('network_leases').where('name', '=', 'outbox').where('owner', '=', owner).execute();
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
