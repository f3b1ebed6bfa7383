import { createHash } from 'node:crypto';

import type { Kysely } from 'kysely';

import type { Clock } from '#kit/clock/clock.ts';
import type { Database } from '#kit/db/database.ts';
import { newUuid } from '#kit/ids/ids.ts';

/** What protocols consoles speak. */
export type ConsoleKind = 'vnc' | 'serial';

/** What a token opens: one kind of console of one server, on the host the server was on. */
export interface ConsoleGrant {
  readonly serverId: string;
  readonly host: string;
  readonly kind: ConsoleKind;
}

interface ConsoleTables {
  compute_console_tokens: {
    token_hash: string;
    server_id: string;
    host: string;
    kind: ConsoleKind;
    expires_at: number;
  };
}

/** The console tokens' only SQL. */
export class ConsoleTokenStore {
  readonly #db: Kysely<ConsoleTables>;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#db = database.tables();
    this.#clock = clock;
  }

  /** Makes a token that lives for `lifetimeMs`. Only its hash is kept. */
  async issue(grant: ConsoleGrant, lifetimeMs: number): Promise<string> {
    const token = newUuid();
    await this.#db
      .insertInto('compute_console_tokens')
      .values({
        token_hash: hash(token),
        server_id: grant.serverId,
        host: grant.host,
        kind: grant.kind,
        expires_at: this.#clock.now() + lifetimeMs,
      })
      .execute();
    return token;
  }

  /** What a token opens; undefined when it is unknown or has expired. */
  async find(token: string): Promise<ConsoleGrant | undefined> {
    const row = await this.#db
      .selectFrom('compute_console_tokens')
      .selectAll()
      .where('token_hash', '=', hash(token))
      .where('expires_at', '>', this.#clock.now())
      .executeTakeFirst();
    return row && { serverId: row.server_id, host: row.host, kind: row.kind };
  }

  /** Forgets tokens that have expired. */
  async purge(): Promise<void> {
    await this.#db
      .deleteFrom('compute_console_tokens')
      .where('expires_at', '<=', this.#clock.now())
      .execute();
  }
}

const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
