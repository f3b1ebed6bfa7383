import type { Kysely } from 'kysely';

import { type Bit, bit, changedOne } from '#kit/db/columns.ts';
import type { Database } from '#kit/db/database.ts';
import { isUniqueViolation } from '#kit/db/errors.ts';
import { newUuid } from '#kit/ids/ids.ts';

import { isPossibleId } from '../ids.ts';
import { nextNumber, type SequenceTables } from '../sequences.ts';

/** A process that reports to Compute: `nova-compute` for each agent, `nova-scheduler` and `nova-conductor` for control. */
export interface Service {
  /** What the API showed as the id before 2.53. */
  readonly id: number;
  readonly uuid: string;
  readonly host: string;
  readonly binary: string;
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  readonly forcedDown: boolean;
  /** Milliseconds; as old as the last write, see Presence for the present. */
  readonly lastSeenAt: number;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** What an operator may change of a service. */
export type ServiceChange = Partial<Pick<Service, 'disabled' | 'disabledReason' | 'forcedDown'>>;

/** A row of `compute_services`, one for each `host` and `binary`. Times in milliseconds. */
export interface ServiceRow {
  id: number;
  uuid: string;
  host: string;
  binary: string;
  disabled: Bit;
  disabled_reason: string | null;
  forced_down: Bit;
  last_seen_at: number;
  created_at: number;
  updated_at: number | null;
}

/** Ids come from a sequence: the old API shows them, and none may be given twice. */
export interface ServiceTables extends SequenceTables {
  compute_services: ServiceRow;
}

/** The services' only SQL. */
export class ServiceStore {
  readonly #db: Kysely<ServiceTables>;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.#db = database.tables();
  }

  /** Services in the order they first reported. */
  async list(filter: { host?: string; binary?: string } = {}): Promise<Service[]> {
    let query = this.#db.selectFrom('compute_services').selectAll().orderBy('id');
    if (filter.host !== undefined) query = query.where('host', '=', filter.host);
    if (filter.binary !== undefined) query = query.where('binary', '=', filter.binary);
    return (await query.execute()).map(serviceFromRow);
  }

  /** By integer id or by UUID. */
  async find(id: number | string): Promise<Service | undefined> {
    if (typeof id === 'number' && !isPossibleId(id)) return undefined;
    const row = await this.#db
      .selectFrom('compute_services')
      .selectAll()
      .where(typeof id === 'number' ? 'id' : 'uuid', '=', id as never)
      .executeTakeFirst();
    return row && serviceFromRow(row);
  }

  /** The service that reports as `binary` on `host`, made when it reports for the first time. */
  async ensure(host: string, binary: string, now: number): Promise<Service> {
    const known = (await this.list({ host, binary }))[0];
    if (known) return known;
    try {
      return await this.#database.transaction<ServiceTables, Service>(async (trx) => {
        const row: ServiceRow = {
          id: await nextNumber(trx, 'services'),
          uuid: newUuid(),
          host,
          binary,
          disabled: 0,
          disabled_reason: null,
          forced_down: 0,
          last_seen_at: now,
          created_at: now,
          updated_at: null,
        };
        await trx.insertInto('compute_services').values(row).execute();
        return serviceFromRow(row);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return this.ensure(host, binary, now);
    }
  }

  /** Changes a service; answers it as it is then, undefined when it is gone. */
  async update(id: number, change: ServiceChange, now: number): Promise<Service | undefined> {
    const row = await this.#db
      .updateTable('compute_services')
      .set({
        ...(change.disabled !== undefined && { disabled: bit(change.disabled) }),
        ...(change.disabledReason !== undefined && { disabled_reason: change.disabledReason }),
        ...(change.forcedDown !== undefined && { forced_down: bit(change.forcedDown) }),
        updated_at: now,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row && serviceFromRow(row);
  }

  /** Notes when services were last heard of. */
  async touch(ids: readonly number[], at: number): Promise<void> {
    if (ids.length === 0) return;
    await this.#db
      .updateTable('compute_services')
      .set({ last_seen_at: at, updated_at: at })
      .where('id', 'in', ids)
      .execute();
  }

  /** Removes a service; its host goes first. Answers whether it was there. */
  async remove(id: number): Promise<boolean> {
    return changedOne(
      await this.#db.deleteFrom('compute_services').where('id', '=', id).executeTakeFirstOrThrow(),
    );
  }
}

/** The service in a row; the hosts' store uses it for rows it joined with services. */
export const serviceFromRow = (row: ServiceRow): Service => ({
  id: row.id,
  uuid: row.uuid,
  host: row.host,
  binary: row.binary,
  disabled: row.disabled === 1,
  disabledReason: row.disabled_reason,
  forcedDown: row.forced_down === 1,
  lastSeenAt: row.last_seen_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
