import type { Kysely, Transaction } from 'kysely';

import { fromJson, toJson } from '#kit/db/columns.ts';

import { listed, type Page } from '../listing.ts';

/** What an endpoint must have to be in a group. */
export interface EndpointGroupFilters {
  readonly service_id?: string;
  readonly region_id?: string | null;
  readonly interface?: string;
}

/** All endpoints that have something in common. */
export interface EndpointGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly filters: EndpointGroupFilters;
}

/** Rows of endpoint groups. `filters` is JSON text; which endpoints match is worked out when it is asked for. */
export interface EndpointGroupTables {
  identity_endpoint_groups: { id: string; name: string; description: string | null; filters: string };
}

type Trx = Transaction<EndpointGroupTables>;

/** The endpoint groups' only SQL. */
export class EndpointGroupStore {
  readonly #db: Kysely<EndpointGroupTables>;

  constructor(db: Kysely<EndpointGroupTables>) {
    this.#db = db;
  }

  async list(
    filter: { readonly name?: string; readonly ids?: readonly string[] },
    page: Page = {},
  ): Promise<EndpointGroup[]> {
    let query = this.#db.selectFrom('identity_endpoint_groups').selectAll();
    if (filter.name !== undefined) query = query.where('name', '=', filter.name);
    if (filter.ids !== undefined) {
      if (filter.ids.length === 0) return [];
      query = query.where('id', 'in', filter.ids);
    }
    return (await listed(query, [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<EndpointGroup | undefined> {
    return (await this.list({ ids: [id] }))[0];
  }

  async insert(trx: Trx, group: EndpointGroup): Promise<void> {
    await trx.insertInto('identity_endpoint_groups').values(toRow(group)).execute();
  }

  async update(trx: Trx, group: EndpointGroup): Promise<void> {
    const { id, ...rest } = toRow(group);
    await trx.updateTable('identity_endpoint_groups').set(rest).where('id', '=', id).execute();
  }

  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_endpoint_groups').where('id', '=', id).execute();
  }
}

const fromRow = (row: EndpointGroupTables['identity_endpoint_groups']): EndpointGroup => ({
  id: row.id,
  name: row.name,
  description: row.description,
  filters: fromJson(row.filters),
});

const toRow = (group: EndpointGroup): EndpointGroupTables['identity_endpoint_groups'] => ({
  id: group.id,
  name: group.name,
  description: group.description,
  filters: toJson(group.filters),
});
