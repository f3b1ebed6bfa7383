import type { Kysely, Transaction } from 'kysely';

import type { Bit } from '#kit/db/columns.ts';

import { listed, type Page, type TextMatch } from '../listing.ts';
import type { ProjectTables } from '../projects/store.ts';
import type { RegisteredLimitTables } from '../registered-limits/store.ts';

/** How much of something registered one project, or one domain, may use. */
export interface Limit {
  readonly id: string;
  readonly registeredLimitId: string;
  readonly serviceId: string;
  readonly regionId: string | null;
  readonly resourceName: string;
  readonly projectId: string | null;
  readonly domainId: string | null;
  /** The domain the project is in; null for a domain's limit. */
  readonly projectDomainId: string | null;
  /** -1 for no limit. */
  readonly resourceLimit: number;
  readonly description: string | null;
}

/** A limit as it is kept: of a project or a domain. */
export interface NewLimit {
  readonly id: string;
  readonly registeredLimitId: string;
  readonly ownerId: string;
  readonly resourceLimit: number;
  readonly description: string | null;
}

/**
 * Rows of limits. `project_id` may be a domain's; what is limited stands in the registered limit, which is kept as
 * long as there are limits of it. A limit goes with its project or domain.
 */
export interface LimitTables extends RegisteredLimitTables, ProjectTables {
  identity_limits: {
    id: string;
    registered_limit_id: string;
    project_id: string;
    resource_limit: number;
    description: string | null;
  };
}

/** Which limits are meant. The `within…` are for what a caller may see, and hold besides what the caller asks for. */
export interface LimitFilter {
  readonly id?: string;
  readonly serviceId?: string;
  readonly regionId?: string;
  readonly resourceName?: string;
  readonly projectId?: string;
  /** Of any of these projects. */
  readonly projectIds?: readonly string[];
  readonly domainId?: string;
  /** Only this domain's own and those of the projects in it. */
  readonly withinDomain?: string;
  /** Only this project's own. */
  readonly withinProject?: string;
  readonly matches?: readonly TextMatch[];
}

type Db = Kysely<LimitTables>;
type Trx = Transaction<LimitTables>;

/** The limits' only SQL. */
export class LimitStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async list(filter: LimitFilter, page: Page = {}): Promise<Limit[]> {
    let query = this.#db.selectFrom(all(this.#db).as('limits')).selectAll();
    const { projectId, projectIds, domainId, withinDomain, withinProject } = filter;
    if (projectIds?.length === 0) return [];
    if (filter.id !== undefined) query = query.where('id', '=', filter.id);
    if (filter.serviceId !== undefined) query = query.where('service_id', '=', filter.serviceId);
    if (filter.regionId !== undefined) query = query.where('region_id', '=', filter.regionId);
    if (filter.resourceName !== undefined) query = query.where('resource_name', '=', filter.resourceName);
    if (projectId !== undefined) query = query.where('owner_id', '=', projectId).where('is_domain', '=', 0);
    if (projectIds) query = query.where('owner_id', 'in', projectIds).where('is_domain', '=', 0);
    if (domainId !== undefined) query = query.where('owner_id', '=', domainId).where('is_domain', '=', 1);
    if (withinProject !== undefined) query = query.where('owner_id', '=', withinProject);
    if (withinDomain !== undefined) {
      query = query.where((eb) =>
        eb.or([eb('owner_id', '=', withinDomain), eb('owner_domain_id', '=', withinDomain)]),
      );
    }
    return (await listed(query, filter.matches ?? [], page).execute()).map(fromRow);
  }

  async find(id: string): Promise<Limit | undefined> {
    return (await this.list({ id }))[0];
  }

  /** Whether there is a limit for this registered one. */
  async refersTo(registeredLimitId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('identity_limits')
      .select('id')
      .where('registered_limit_id', '=', registeredLimitId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Throws a unique violation when the project or domain has one for the same. */
  async insert(trx: Trx, limits: readonly NewLimit[]): Promise<void> {
    const rows = limits.map((limit) => ({
      id: limit.id,
      registered_limit_id: limit.registeredLimitId,
      project_id: limit.ownerId,
      resource_limit: limit.resourceLimit,
      description: limit.description,
    }));
    await trx.insertInto('identity_limits').values(rows).execute();
  }

  async update(trx: Trx, { id, resourceLimit, description }: Limit): Promise<void> {
    await trx
      .updateTable('identity_limits')
      .set({ resource_limit: resourceLimit, description })
      .where('id', '=', id)
      .execute();
  }

  async remove(trx: Trx, id: string): Promise<void> {
    await trx.deleteFrom('identity_limits').where('id', '=', id).execute();
  }
}

/** Limits with what they are of and whose. */
const all = (db: Db) =>
  db
    .selectFrom('identity_limits as l')
    .innerJoin('identity_registered_limits as r', 'r.id', 'l.registered_limit_id')
    .innerJoin('identity_projects as p', 'p.id', 'l.project_id')
    .select([
      'l.id',
      'l.registered_limit_id',
      'l.project_id as owner_id',
      'l.resource_limit',
      'l.description',
      'r.service_id',
      'r.region_id',
      'r.resource_name',
      'p.is_domain',
      'p.domain_id as owner_domain_id',
    ]);

interface Row {
  readonly id: string;
  readonly registered_limit_id: string;
  readonly owner_id: string;
  readonly resource_limit: number;
  readonly description: string | null;
  readonly service_id: string;
  readonly region_id: string | null;
  readonly resource_name: string;
  readonly is_domain: Bit;
  readonly owner_domain_id: string;
}

const fromRow = (row: Row): Limit => ({
  id: row.id,
  registeredLimitId: row.registered_limit_id,
  serviceId: row.service_id,
  regionId: row.region_id,
  resourceName: row.resource_name,
  projectId: row.is_domain === 1 ? null : row.owner_id,
  domainId: row.is_domain === 1 ? row.owner_id : null,
  projectDomainId: row.is_domain === 1 ? null : row.owner_domain_id,
  resourceLimit: row.resource_limit,
  description: row.description,
});
