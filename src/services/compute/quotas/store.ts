import type { Kysely } from 'kysely';

import type { Database } from '#kit/db/database.ts';

import type { Limits, QuotaLimits, QuotaResource } from './limits.ts';

/** Whose limits: of a named class, of a project, or of one user in a project. */
export type QuotaOwner =
  | { readonly kind: 'class'; readonly name: string }
  | { readonly kind: 'project'; readonly projectId: string }
  | { readonly kind: 'user'; readonly projectId: string; readonly userId: string };

/** The class whose limits hold for everybody without limits of their own. */
export const defaultClass = { kind: 'class', name: 'default' } as const;

interface QuotaTables {
  compute_quotas: {
    kind: string;
    owner: string;
    user_id: string;
    resource: QuotaResource;
    hard_limit: number;
  };
}

/** The quotas' only SQL. */
export class QuotaStore implements QuotaLimits {
  readonly #database: Database;
  readonly #db: Kysely<QuotaTables>;
  readonly #configured: Limits;

  constructor(database: Database, configured: Limits) {
    this.#database = database;
    this.#db = database.tables();
    this.#configured = configured;
  }

  async limitsOf(projectId: string, userId?: string): Promise<Limits> {
    const owners: QuotaOwner[] = [defaultClass, { kind: 'project', projectId }];
    if (userId !== undefined) owners.push({ kind: 'user', projectId, userId });
    return this.#layered(owners);
  }

  /** The limits of a class; those it does not set are the configured ones. */
  limitsOfClass(name: string): Promise<Limits> {
    return this.#layered([{ kind: 'class', name }]);
  }

  /** Only what was set for exactly this owner. */
  async own(owner: QuotaOwner): Promise<Partial<Limits>> {
    const rows = await this.#rowsOf([owner]);
    return Object.fromEntries(rows.map((row) => [row.resource, row.hard_limit]));
  }

  /** For each resource the sum of the limits that single users of a project have of their own. */
  async sumOfUsers(projectId: string): Promise<Partial<Limits>> {
    const rows = await this.#db
      .selectFrom('compute_quotas')
      .select(['resource', (eb) => eb.fn.sum<number | string>('hard_limit').as('total')])
      .where('kind', '=', 'user')
      .where('owner', '=', projectId)
      .groupBy('resource')
      .execute();
    return Object.fromEntries(rows.map((row) => [row.resource, Number(row.total)]));
  }

  /** Sets limits of one owner, all or none. */
  async set(owner: QuotaOwner, limits: Partial<Limits>): Promise<void> {
    const rows = Object.entries(limits).map(([resource, hard_limit]) => ({
      ...keyOf(owner),
      resource: resource as QuotaResource,
      hard_limit,
    }));
    if (rows.length === 0) return;
    await this.#db
      .insertInto('compute_quotas')
      .values(rows)
      .onConflict((c) =>
        c
          .columns(['kind', 'owner', 'user_id', 'resource'])
          .doUpdateSet((eb) => ({ hard_limit: eb.ref('excluded.hard_limit') })),
      )
      .execute();
  }

  /** Forgets what was set: for a project also what its users have. */
  async clear(owner: Exclude<QuotaOwner, { kind: 'class' }>): Promise<void> {
    await this.#database.transaction<QuotaTables, void>(async (trx) => {
      const query = trx.deleteFrom('compute_quotas').where('owner', '=', owner.projectId);
      await (
        owner.kind === 'user'
          ? query.where('kind', '=', 'user').where('user_id', '=', owner.userId)
          : query.where('kind', 'in', ['project', 'user'])
      ).execute();
    });
  }

  async #layered(owners: readonly QuotaOwner[]): Promise<Limits> {
    const rows = await this.#rowsOf(owners);
    if (rows.length === 0) return this.#configured;
    const limits: Record<string, number> = { ...this.#configured };
    // the later an owner stands in the list, the more its word counts
    for (const { kind } of owners)
      for (const row of rows) if (row.kind === kind) limits[row.resource] = row.hard_limit;
    return limits as Limits;
  }

  #rowsOf(owners: readonly QuotaOwner[]) {
    return this.#db
      .selectFrom('compute_quotas')
      .select(['kind', 'resource', 'hard_limit'])
      .where((eb) => eb.or(owners.map((owner) => eb.and(keyOf(owner)))))
      .execute();
  }
}

const keyOf = (owner: QuotaOwner) => ({
  kind: owner.kind,
  owner: owner.kind === 'class' ? owner.name : owner.projectId,
  user_id: owner.kind === 'user' ? owner.userId : '',
});
