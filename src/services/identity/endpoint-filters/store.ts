import type { Kysely, Transaction } from 'kysely';

import { changedOne } from '#kit/db/columns.ts';

/** An endpoint, or a group of them, that a project's catalog is limited to. */
export interface EndpointFilter {
  readonly projectId: string;
  readonly kind: 'endpoint' | 'group';
  /** The endpoint's or the group's id. */
  readonly id: string;
}

/** Which projects are limited to which endpoints and groups of them. A row goes with any of its ends. */
export interface EndpointFilterTables {
  identity_project_endpoints: { project_id: string; endpoint_id: string };
  identity_project_endpoint_groups: { project_id: string; endpoint_group_id: string };
}

type Trx = Transaction<EndpointFilterTables>;

/** The only SQL of what catalogs are limited to. */
export class EndpointFilterStore {
  readonly #db: Kysely<EndpointFilterTables>;

  constructor(db: Kysely<EndpointFilterTables>) {
    this.#db = db;
  }

  async list(wanted: Partial<EndpointFilter>): Promise<EndpointFilter[]> {
    const endpoints = wanted.kind === 'group' ? [] : await this.#endpoints(wanted);
    const groups = wanted.kind === 'endpoint' ? [] : await this.#groups(wanted);
    return [...endpoints, ...groups];
  }

  async has(filter: EndpointFilter): Promise<boolean> {
    return (await this.list(filter)).length > 0;
  }

  /** Throws a unique violation when the filter is there already. */
  async insert(trx: Trx, { projectId, kind, id }: EndpointFilter): Promise<void> {
    await (
      kind === 'endpoint'
        ? trx.insertInto('identity_project_endpoints').values({ project_id: projectId, endpoint_id: id })
        : trx
            .insertInto('identity_project_endpoint_groups')
            .values({ project_id: projectId, endpoint_group_id: id })
    ).execute();
  }

  /** Deletes a filter; answers whether it was there. */
  async remove(trx: Trx, { projectId, kind, id }: EndpointFilter): Promise<boolean> {
    const result =
      kind === 'endpoint'
        ? await trx
            .deleteFrom('identity_project_endpoints')
            .where('project_id', '=', projectId)
            .where('endpoint_id', '=', id)
            .executeTakeFirst()
        : await trx
            .deleteFrom('identity_project_endpoint_groups')
            .where('project_id', '=', projectId)
            .where('endpoint_group_id', '=', id)
            .executeTakeFirst();
    return changedOne(result);
  }

  async #endpoints({ projectId, id }: Partial<EndpointFilter>): Promise<EndpointFilter[]> {
    let query = this.#db.selectFrom('identity_project_endpoints').selectAll();
    if (projectId !== undefined) query = query.where('project_id', '=', projectId);
    if (id !== undefined) query = query.where('endpoint_id', '=', id);
    const rows = await query.orderBy('project_id').orderBy('endpoint_id').execute();
    return rows.map((row) => ({ projectId: row.project_id, kind: 'endpoint', id: row.endpoint_id }));
  }

  async #groups({ projectId, id }: Partial<EndpointFilter>): Promise<EndpointFilter[]> {
    let query = this.#db.selectFrom('identity_project_endpoint_groups').selectAll();
    if (projectId !== undefined) query = query.where('project_id', '=', projectId);
    if (id !== undefined) query = query.where('endpoint_group_id', '=', id);
    const rows = await query.orderBy('project_id').orderBy('endpoint_group_id').execute();
    return rows.map((row) => ({ projectId: row.project_id, kind: 'group', id: row.endpoint_group_id }));
  }
}
