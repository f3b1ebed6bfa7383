import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit, fromJson, toJson } from '#kit/db/columns.ts';

import { listed, type Page } from '../listing.ts';

/** Whom an endpoint is for: users, the cloud's own services, or administrators. Several of one kind are allowed. */
export type Interface = 'public' | 'internal' | 'admin';

/** Where a service is reached. `url` may hold `$(project_id)s` and the like. `extra` holds made-up attributes. */
export interface CatalogEndpoint {
  readonly id: string;
  readonly serviceId: string;
  readonly interface: Interface;
  readonly regionId: string | null;
  readonly url: string;
  readonly enabled: boolean;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Rows of endpoints. They go with their service; a region stays as long as it has any. */
export interface EndpointTables {
  identity_endpoints: {
    id: string;
    service_id: string;
    interface: Interface;
    region_id: string | null;
    url: string;
    enabled: Bit;
    extra: string;
  };
}

/** Which endpoints are meant: exact values, and any of some regions. An empty list of regions matches none. */
export interface EndpointFilter {
  readonly serviceId?: string;
  readonly interface?: string;
  readonly regionIds?: readonly string[];
}

type Trx = Transaction<EndpointTables>;

/** The only SQL of the catalog's endpoints. */
export class EndpointStore {
  readonly #db: Kysely<EndpointTables>;

  constructor(db: Kysely<EndpointTables>) {
    this.#db = db;
  }

  async list(filter: EndpointFilter, page: Page = {}): Promise<CatalogEndpoint[]> {
    let query = this.#db.selectFrom('identity_endpoints').selectAll();
    if (filter.serviceId !== undefined) query = query.where('service_id', '=', filter.serviceId);
    if (filter.interface !== undefined) query = query.where('interface', '=', filter.interface as Interface);
    if (filter.regionIds !== undefined) {
      if (filter.regionIds.length === 0) return [];
      query = query.where('region_id', 'in', filter.regionIds);
    }
    return (await listed(query, [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<CatalogEndpoint | undefined> {
    const row = await this.#db
      .selectFrom('identity_endpoints')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async insert(trx: Trx, endpoint: CatalogEndpoint): Promise<void> {
    await trx.insertInto('identity_endpoints').values(toRow(endpoint)).execute();
  }

  async update(trx: Trx, endpoint: CatalogEndpoint): Promise<void> {
    const { id, ...rest } = toRow(endpoint);
    await trx.updateTable('identity_endpoints').set(rest).where('id', '=', id).execute();
  }

  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_endpoints').where('id', '=', id).execute();
  }
}

const fromRow = (row: EndpointTables['identity_endpoints']): CatalogEndpoint => ({
  id: row.id,
  serviceId: row.service_id,
  interface: row.interface,
  regionId: row.region_id,
  url: row.url,
  enabled: row.enabled === 1,
  extra: fromJson(row.extra),
});

const toRow = (endpoint: CatalogEndpoint): EndpointTables['identity_endpoints'] => ({
  id: endpoint.id,
  service_id: endpoint.serviceId,
  interface: endpoint.interface,
  region_id: endpoint.regionId,
  url: endpoint.url,
  enabled: bit(endpoint.enabled),
  extra: toJson(endpoint.extra),
});
