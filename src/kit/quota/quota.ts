import { sql } from 'kysely';

import type { AnyTransaction, Database } from '../db/database.ts';

/** One resource asked for: how many are there, how many more are wanted, how many may be. */
export interface QuotaAsk {
  readonly resource: string;
  readonly used: number;
  readonly wanted: number;
  /** -1 is without limit. */
  readonly limit: number;
}

/** The asks that do not fit. */
export const exceeding = (asks: readonly QuotaAsk[]): QuotaAsk[] =>
  asks.filter((ask) => ask.limit >= 0 && ask.wanted > 0 && ask.used + ask.wanted > ask.limit);

/**
 * Keeps two transactions from both finding room for the last one: the caller counts usage after this and inserts before
 * it commits. SQLite has one writer anyway; on PostgreSQL this takes an advisory lock until the transaction ends.
 */
export async function lockQuota(
  trx: AnyTransaction,
  kind: Database['kind'],
  service: string,
  projectId: string,
): Promise<void> {
  if (kind === 'postgres') {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`${service}:${projectId}`}, 0))`.execute(trx);
  }
}
