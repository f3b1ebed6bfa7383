import type { Kysely, Transaction } from 'kysely';

import { type Bit, bit, fromJson, toJson } from '#kit/db/columns.ts';

import { listed, type Page, type TextMatch } from '../listing.ts';

/** A service of the catalog, e.g. `compute`. `extra` holds attributes a caller made up. */
export interface CatalogService {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * Rows of services. Types and names need not be unique; endpoints go with their service, and one with registered
 * limits cannot be deleted.
 */
export interface ServiceTables {
  identity_services: { id: string; type: string; name: string; enabled: Bit; extra: string };
}

/** Exact type and name, and comparators on them. */
export interface ServiceFilter {
  readonly type?: string;
  readonly name?: string;
  readonly matches?: readonly TextMatch[];
}

type Trx = Transaction<ServiceTables>;

/** The only SQL of the catalog's services. */
export class ServiceStore {
  readonly #db: Kysely<ServiceTables>;

  constructor(db: Kysely<ServiceTables>) {
    this.#db = db;
  }

  async list(filter: ServiceFilter, page: Page = {}): Promise<CatalogService[]> {
    let query = this.#db.selectFrom('identity_services').selectAll();
    if (filter.type !== undefined) query = query.where('type', '=', filter.type);
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<CatalogService | undefined> {
    const row = await this.#db
      .selectFrom('identity_services')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && fromRow(row);
  }

  async insert(trx: Trx, service: CatalogService): Promise<void> {
    await trx.insertInto('identity_services').values(toRow(service)).execute();
  }

  async update(trx: Trx, service: CatalogService): Promise<void> {
    const { id, ...rest } = toRow(service);
    await trx.updateTable('identity_services').set(rest).where('id', '=', id).execute();
  }

  /** Deletes a service and its endpoints. */
  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_services').where('id', '=', id).execute();
  }
}

const fromRow = (row: ServiceTables['identity_services']): CatalogService => ({
  id: row.id,
  type: row.type,
  name: row.name,
  enabled: row.enabled === 1,
  extra: fromJson(row.extra),
});

const toRow = (service: CatalogService): ServiceTables['identity_services'] => ({
  id: service.id,
  type: service.type,
  name: service.name,
  enabled: bit(service.enabled),
  extra: toJson(service.extra),
});
