import type { Transaction } from 'kysely';

import type { Database } from '#kit/db/database.ts';
import { newUuid } from '#kit/ids/ids.ts';

import type { NetworkSettings } from './options.ts';
import type { EngineKind } from './outbox/kinds.ts';
import { enqueue } from './outbox/store.ts';
import type { Tables } from './tables.ts';

/**
 * One change to the database: a transaction, the moment it happens at, and the engine-level resources it touches.
 * Those go to the outbox in the same transaction, so that whatever is committed is carried out.
 */
export class Work {
  readonly db: Transaction<Tables>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly settings: NetworkSettings;
  readonly databaseKind: Database['kind'];
  /** Told to listeners once the transaction is on disk. */
  readonly deletedPorts: { portId: string; deviceId: string }[] = [];
  /** Hosts where metadata has to be served otherwise than before; told once the transaction is on disk. */
  readonly rewiredHosts = new Set<string>();
  readonly #touched = new Map<string, { kind: EngineKind; id: string }>();

  constructor(parts: Pick<Work, 'db' | 'now' | 'settings' | 'databaseKind'>) {
    this.db = parts.db;
    this.now = parts.now;
    this.settings = parts.settings;
    this.databaseKind = parts.databaseKind;
  }

  /** Notes that the engine must make these resources so, or away. */
  touch(kind: EngineKind, ...ids: readonly string[]): void {
    for (const id of ids) this.#touched.set(`${kind} ${id}`, { kind, id });
  }

  /** Notes hosts, as ports name them, where metadata has to be served otherwise than before. */
  rewire(...hosts: readonly string[]): void {
    for (const host of hosts) if (host !== '') this.rewiredHosts.add(host);
  }

  /** Writes the outbox. Answers the token of its rows, undefined when there are none. */
  async flush(): Promise<string | undefined> {
    if (this.#touched.size === 0) return undefined;
    const token = newUuid();
    await enqueue(this.db, [...this.#touched.values()], token, this.now);
    return token;
  }
}
