import type { Kysely, Transaction } from 'kysely';

import { newHexId } from '#kit/ids/ids.ts';

/** Revokes every token issued up to `issuedBefore` that matches all the attributes given. Times are in milliseconds. */
export interface RevocationEvent {
  readonly userId?: string;
  readonly projectId?: string;
  readonly domainId?: string;
  readonly roleId?: string;
  readonly auditId?: string;
  readonly auditChainId?: string;
  readonly issuedBefore: number;
  readonly revokedAt: number;
}

/** Rows of revocation events. Null matches any token; times are milliseconds since the epoch, in whole seconds. */
export interface RevocationTables {
  identity_revocations: {
    id: string;
    user_id: string | null;
    project_id: string | null;
    domain_id: string | null;
    role_id: string | null;
    audit_id: string | null;
    audit_chain_id: string | null;
    issued_before: number;
    revoked_at: number;
  };
}

type Trx = Transaction<RevocationTables>;

/** The revocation events' only SQL. */
export class RevocationStore {
  readonly #db: Kysely<RevocationTables>;

  constructor(db: Kysely<RevocationTables>) {
    this.#db = db;
  }

  /** Events after `since` (milliseconds), or all, oldest first. */
  async list(since?: number): Promise<RevocationEvent[]> {
    let query = this.#db.selectFrom('identity_revocations').selectAll();
    if (since !== undefined) query = query.where('revoked_at', '>', since);
    return (await query.orderBy('revoked_at').orderBy('id').execute()).map(fromRow);
  }

  /** The events that may apply to a token of these users, this project and audit id, issued at `issuedAt`. */
  async candidates(token: {
    userIds: readonly string[];
    projectId: string | undefined;
    auditId: string;
    issuedAt: number;
  }): Promise<RevocationEvent[]> {
    const rows = await this.#db
      .selectFrom('identity_revocations')
      .selectAll()
      .where('issued_before', '>=', token.issuedAt)
      .where((eb) => eb.or([eb('user_id', 'is', null), eb('user_id', 'in', token.userIds)]))
      .where((eb) => eb.or([eb('project_id', 'is', null), eb('project_id', '=', token.projectId ?? '')]))
      .where((eb) => eb.or([eb('audit_id', 'is', null), eb('audit_id', '=', token.auditId)]))
      .execute();
    return rows.map(fromRow);
  }

  async insert(trx: Trx, events: readonly RevocationEvent[]): Promise<void> {
    if (events.length === 0) return;
    await trx.insertInto('identity_revocations').values(events.map(toRow)).execute();
  }

  /** Forgets events from before `time`, when no token they could match is alive. */
  async prune(time: number): Promise<void> {
    await this.#db.deleteFrom('identity_revocations').where('revoked_at', '<', time).execute();
  }
}

const fromRow = (row: RevocationTables['identity_revocations']): RevocationEvent => ({
  ...(row.user_id !== null && { userId: row.user_id }),
  ...(row.project_id !== null && { projectId: row.project_id }),
  ...(row.domain_id !== null && { domainId: row.domain_id }),
  ...(row.role_id !== null && { roleId: row.role_id }),
  ...(row.audit_id !== null && { auditId: row.audit_id }),
  ...(row.audit_chain_id !== null && { auditChainId: row.audit_chain_id }),
  issuedBefore: row.issued_before,
  revokedAt: row.revoked_at,
});

const toRow = (event: RevocationEvent): RevocationTables['identity_revocations'] => ({
  id: newHexId(),
  user_id: event.userId ?? null,
  project_id: event.projectId ?? null,
  domain_id: event.domainId ?? null,
  role_id: event.roleId ?? null,
  audit_id: event.auditId ?? null,
  audit_chain_id: event.auditChainId ?? null,
  issued_before: event.issuedBefore,
  revoked_at: event.revokedAt,
});
