import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit, changedOne, fromJson, toJson } from '#kit/db/columns.ts';

import { type Micros, microsOf } from '../expiry.ts';

/** Leave for one user, the trustee, to act with some of another's roles, the trustor's, in a project. */
export interface Trust {
  readonly id: string;
  readonly trustorId: string;
  readonly trusteeId: string;
  readonly projectId: string | null;
  /** Whether the trustee's tokens say that the trustor calls. */
  readonly impersonation: boolean;
  readonly expiresAtMicros: Micros | null;
  /** How many more tokens it is good for; null for any number. */
  readonly remainingUses: number | null;
  /** The trust it was made from. */
  readonly redelegatedTrustId: string | null;
  /** How often it may be handed on. */
  readonly redelegationCount: number;
  readonly roleIds: readonly string[];
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Trusts and their roles. A trust goes with either of its users, its project and the trust it was made from; a role
 * that is deleted is no longer part of it. `expires_at_micros` is microseconds since the epoch.
 */
export interface TrustTables {
  identity_trusts: {
    id: string;
    trustor_user_id: string;
    trustee_user_id: string;
    project_id: string | null;
    impersonation: Bit;
    expires_at_micros: Micros | null;
    remaining_uses: number | null;
    redelegated_trust_id: string | null;
    redelegation_count: number;
    extra: string;
  };
  identity_trust_roles: { trust_id: string; role_id: string };
}

/** Exact values; trusts that are over are among what they find. */
export interface TrustFilter {
  readonly id?: string;
  readonly trustorId?: string;
  readonly trusteeId?: string;
}

type Trx = Transaction<TrustTables>;
type Row = TrustTables['identity_trusts'];
type ReadRow = Omit<Row, 'expires_at_micros'> & { expires_at_micros: string | null };

/** The trusts' only SQL. */
export class TrustStore {
  readonly #db: Kysely<TrustTables>;

  constructor(db: Kysely<TrustTables>) {
    this.#db = db;
  }

  async list(filter: TrustFilter): Promise<Trust[]> {
    let query = this.#db
      .selectFrom('identity_trusts')
      .select(['id', 'trustor_user_id', 'trustee_user_id', 'project_id', 'impersonation', 'remaining_uses'])
      .select(['redelegated_trust_id', 'redelegation_count', 'extra'])
      .select((eb) => eb.cast<string | null>('expires_at_micros', 'text').as('expires_at_micros'));
    if (filter.id !== undefined) query = query.where('id', '=', filter.id);
    if (filter.trustorId !== undefined) query = query.where('trustor_user_id', '=', filter.trustorId);
    if (filter.trusteeId !== undefined) query = query.where('trustee_user_id', '=', filter.trusteeId);
    return this.#withRoles(await query.orderBy('id').execute());
  }

  async find(id: string): Promise<Trust | undefined> {
    return (await this.list({ id }))[0];
  }

  /** Throws a unique violation when there is one between the two with the same end. */
  async insert(trx: Trx, trust: Trust): Promise<void> {
    await trx.insertInto('identity_trusts').values(toRow(trust)).execute();
    if (trust.roleIds.length === 0) return;
    await trx
      .insertInto('identity_trust_roles')
      .values(trust.roleIds.map((roleId) => ({ trust_id: trust.id, role_id: roleId })))
      .execute();
  }

  /** Deletes a trust and all that were made from it. */
  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_trusts').where('id', '=', id).execute();
  }

  /** Counts one use; answers whether one was left. */
  async use(trx: Trx, id: string): Promise<boolean> {
    const result = await trx
      .updateTable('identity_trusts')
      .set((eb) => ({ remaining_uses: eb('remaining_uses', '-', 1) }))
      .where('id', '=', id)
      .where((eb) => eb.or([eb('remaining_uses', 'is', null), eb('remaining_uses', '>', 0)]))
      .executeTakeFirst();
    return changedOne(result);
  }

  async #withRoles(rows: readonly ReadRow[]): Promise<Trust[]> {
    if (rows.length === 0) return [];
    const roles = await this.#db
      .selectFrom('identity_trust_roles')
      .selectAll()
      .where(
        'trust_id',
        'in',
        rows.map((row) => row.id),
      )
      .orderBy('role_id')
      .execute();
    return rows.map((row) =>
      fromRow(
        row,
        roles.filter((role) => role.trust_id === row.id).map((role) => role.role_id),
      ),
    );
  }
}

const fromRow = (row: ReadRow, roleIds: readonly string[]): Trust => ({
  id: row.id,
  trustorId: row.trustor_user_id,
  trusteeId: row.trustee_user_id,
  projectId: row.project_id,
  impersonation: row.impersonation === 1,
  expiresAtMicros: microsOf(row.expires_at_micros),
  remainingUses: row.remaining_uses,
  redelegatedTrustId: row.redelegated_trust_id,
  redelegationCount: row.redelegation_count,
  roleIds,
  extra: fromJson(row.extra),
});

const toRow = (trust: Trust): Row => ({
  id: trust.id,
  trustor_user_id: trust.trustorId,
  trustee_user_id: trust.trusteeId,
  project_id: trust.projectId,
  impersonation: bit(trust.impersonation),
  expires_at_micros: trust.expiresAtMicros,
  remaining_uses: trust.remainingUses,
  redelegated_trust_id: trust.redelegatedTrustId,
  redelegation_count: trust.redelegationCount,
  extra: toJson(trust.extra),
});
