import type { Transaction } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';

import type { Changes } from '../changes.ts';
import type { Token } from '../tokens/token.ts';
import type { RevocationEvent, RevocationStore, RevocationTables } from './store.ts';

type Matching = Omit<RevocationEvent, 'issuedBefore' | 'revokedAt'>;

/** Revokes tokens. Events count in whole seconds, as the times in Fernet tokens do. */
export class Revocations {
  readonly #store: RevocationStore;
  readonly #changes: Changes;
  readonly #clock: Clock;

  constructor(store: RevocationStore, changes: Changes, clock: Clock) {
    this.#store = store;
    this.#changes = changes;
    this.#clock = clock;
  }

  /** Revokes one token, and only that: those made from it live on. */
  async revokeToken(token: Token): Promise<void> {
    await this.#changes.apply((trx) => this.revoke(trx, [{ auditId: token.auditIds[0]! }]));
  }

  /** Revokes every token there is that matches one of these, as part of a change. */
  async revoke(trx: Transaction<RevocationTables>, matching: readonly Matching[]): Promise<void> {
    const now = Math.floor(this.#clock.now() / 1000) * 1000;
    await this.#store.insert(
      trx,
      matching.map((attributes) => ({ ...attributes, issuedBefore: now, revokedAt: now })),
    );
  }

  /** Revokes all tokens of these users, as part of a change. */
  async revokeUsers(trx: Transaction<RevocationTables>, userIds: readonly string[]): Promise<void> {
    await this.revoke(
      trx,
      userIds.map((userId) => ({ userId })),
    );
  }
}
