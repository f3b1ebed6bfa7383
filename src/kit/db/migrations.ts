import type { Kysely, Transaction } from 'kysely';

import type { Database } from './database.ts';

/** Tables of any form: the schema at the time of a migration is not the one TypeScript knows today. */
export type AnySchema = any; // eslint-disable-line typescript/no-explicit-any

/** One step of the schema's history. Steps are never edited once released; a new step mends an old one. */
export interface Migration {
  /** Unique and sortable within its service, e.g. `compute/0001-servers`. */
  readonly name: string;
  up(db: Kysely<AnySchema>): Promise<void>;
}

interface MigrationTable {
  kit_migrations: { name: string; applied_at: number };
}

/** Applies every migration that has not run yet, in the order given, each in a transaction of its own. */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  now: number,
): Promise<string[]> {
  const db = database.tables<MigrationTable>();
  await db.schema
    .createTable('kit_migrations')
    .ifNotExists()
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('applied_at', 'bigint', (c) => c.notNull())
    .execute();
  const done = new Set((await db.selectFrom('kit_migrations').select('name').execute()).map((r) => r.name));
  const applied: string[] = [];
  for (const migration of migrations.filter((m) => !done.has(m.name))) {
    await database.transaction(async (trx: Transaction<MigrationTable>) => {
      await migration.up(trx as unknown as Kysely<AnySchema>);
      await trx.insertInto('kit_migrations').values({ name: migration.name, applied_at: now }).execute();
    });
    applied.push(migration.name);
  }
  return applied;
}
