import type { Kysely, Transaction } from 'kysely';

import { listed, type Page, type TextMatch } from '../listing.ts';

/** What of a service's, in one region or in any, is limited, and to how much where no {@link Limit} says else. */
export interface RegisteredLimit {
  readonly id: string;
  readonly serviceId: string;
  readonly regionId: string | null;
  readonly resourceName: string;
  /** -1 for no limit. */
  readonly defaultLimit: number;
  readonly description: string | null;
}

/**
 * Rows of registered limits. There is one for each service, region and resource; no region is a value like any other.
 */
export interface RegisteredLimitTables {
  identity_registered_limits: {
    id: string;
    service_id: string;
    region_id: string | null;
    resource_name: string;
    default_limit: number;
    description: string | null;
  };
}

/** Which registered limits are meant: exact values, any of some regions, and comparators. */
export interface RegisteredLimitFilter {
  readonly serviceId?: string;
  readonly regionIds?: readonly string[];
  readonly resourceName?: string;
  readonly matches?: readonly TextMatch[];
}

type Db = Kysely<RegisteredLimitTables>;
type Trx = Transaction<RegisteredLimitTables>;
type Row = RegisteredLimitTables['identity_registered_limits'];

/** The registered limits' only SQL. */
export class RegisteredLimitStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(filter: RegisteredLimitFilter, page: Page = {}): Promise<RegisteredLimit[]> {
    let query = this.#db.selectFrom('identity_registered_limits').selectAll();
    if (filter.serviceId !== undefined) query = query.where('service_id', '=', filter.serviceId);
    if (filter.regionIds !== undefined) query = query.where('region_id', 'in', filter.regionIds);
    if (filter.resourceName !== undefined) query = query.where('resource_name', '=', filter.resourceName);
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<RegisteredLimit | undefined> {
    const row = await this.#db
      .selectFrom('identity_registered_limits')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** The one about exactly this, if there is one. */
  async findFor(
    serviceId: string,
    regionId: string | null,
    resourceName: string,
  ): Promise<RegisteredLimit | undefined> {
    const row = await this.#db
      .selectFrom('identity_registered_limits')
      .selectAll()
      .where('service_id', '=', serviceId)
      .where('region_id', regionId === null ? 'is' : '=', regionId)
      .where('resource_name', '=', resourceName)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  /** Throws a unique violation when there is one about the same already. */
  async insert(trx: Trx, limits: readonly RegisteredLimit[]): Promise<void> {
    await trx.insertInto('identity_registered_limits').values(limits.map(toRow)).execute();
  }

  async update(trx: Trx, limit: RegisteredLimit): Promise<void> {
    const { id, ...rest } = toRow(limit);
    await trx.updateTable('identity_registered_limits').set(rest).where('id', '=', id).execute();
  }

  /** Throws a foreign key violation while there are limits that refer to it. */
  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_registered_limits').where('id', '=', id).execute();
  }
}

const fromRow = (row: Row): RegisteredLimit => ({
  id: row.id,
  serviceId: row.service_id,
  regionId: row.region_id,
  resourceName: row.resource_name,
  defaultLimit: row.default_limit,
  description: row.description,
});

const toRow = (limit: RegisteredLimit): Row => ({
  id: limit.id,
  service_id: limit.serviceId,
  region_id: limit.regionId,
  resource_name: limit.resourceName,
  default_limit: limit.defaultLimit,
  description: limit.description,
});
