import { overQuota } from '#kit/errors/cloud-error.ts';
import { exceeding, lockQuota } from '#kit/quota/quota.ts';

import type { Db } from '../tables.ts';
import type { Work } from '../work.ts';
import { type QuotaResource, quotaResources } from './resources.ts';

/** What a project may have of each resource: its own limits over the defaults. */
export async function limitsOf(
  db: Db,
  projectId: string,
  defaults: Readonly<Record<QuotaResource, number>>,
): Promise<Record<QuotaResource, number>> {
  const rows = await db
    .selectFrom('network_quotas')
    .select(['resource', 'quota_limit'])
    .where('project_id', '=', projectId)
    .execute();
  return { ...defaults, ...Object.fromEntries(rows.map((row) => [row.resource, row.quota_limit])) };
}

/** How many of a resource a project has. */
export async function usageOf(db: Db, resource: QuotaResource, projectId: string): Promise<number> {
  const table = quotaResources[resource];
  if (table === null) return 0;
  const { count } = await db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Makes sure that `wanted` more fit into a project's quota until the transaction ends. Throws `OverQuota`. */
export async function reserve(
  work: Work,
  resource: string,
  projectId: string,
  wanted: number,
): Promise<void> {
  if (!(resource in quotaResources)) return;
  await lockQuota(work.db, work.databaseKind, 'network', projectId);
  await requireQuota(work.db, work.settings.quotas, resource as QuotaResource, projectId, wanted);
}

/** Throws `OverQuota` when `wanted` more do not fit into a project's quota now. */
export async function requireQuota(
  db: Db,
  defaults: Readonly<Record<QuotaResource, number>>,
  resource: QuotaResource,
  projectId: string,
  wanted: number,
): Promise<void> {
  const limit = (await limitsOf(db, projectId, defaults))[resource];
  if (limit < 0) return;
  const used = await usageOf(db, resource, projectId);
  if (exceeding([{ resource, used, wanted, limit }]).length === 0) return;
  throw overQuota(`Quota exceeded for resources: ['${resource}'].`, { type: 'OverQuota' });
}

/** Sets limits of a project. */
export async function setLimits(
  db: Db,
  projectId: string,
  limits: Readonly<Record<string, number>>,
): Promise<void> {
  const rows = Object.entries(limits).map(([resource, limit]) => ({
    project_id: projectId,
    resource,
    quota_limit: limit,
  }));
  if (rows.length === 0) return;
  await db
    .insertInto('network_quotas')
    .values(rows)
    .onConflict((c) =>
      c.columns(['project_id', 'resource']).doUpdateSet((eb) => ({
        quota_limit: eb.ref('excluded.quota_limit'),
      })),
    )
    .execute();
}

/** Takes a project's own limits back. Answers whether it had any. */
export async function removeLimits(db: Db, projectId: string): Promise<boolean> {
  const result = await db.deleteFrom('network_quotas').where('project_id', '=', projectId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The projects with limits of their own. */
export async function projectsWithLimits(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('network_quotas')
    .select('project_id')
    .distinct()
    .orderBy('project_id')
    .execute();
  return rows.map((row) => row.project_id);
}
