import { badRequest } from '#kit/errors/cloud-error.ts';

import type { Compute } from '../service.ts';
import { type Limits, type QuotaResource, quotaResources } from './limits.ts';
import { usageOf } from './usage.ts';

/** Between which values a limit may be set; -1 is without limit. */
interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Throws `badRequest` for a limit below what is used, or beyond what the project has left to give its users, as
 * nova.quota's get_settable_quotas finds.
 */
export async function requireSettable(
  service: Compute,
  wanted: Partial<Limits>,
  projectId: string,
  userId: string | undefined,
): Promise<void> {
  const ranges = await settableRanges(service, projectId, userId);
  for (const resource of quotaResources) {
    const limit = wanted[resource];
    if (limit === undefined) continue;
    const { minimum, maximum } = ranges[resource];
    if (unlimited(limit) < unlimited(minimum)) {
      throw badRequest(
        `Quota limit ${limit} for ${resource} must be greater than or equal to already used and reserved ${minimum}.`,
      );
    }
    if (unlimited(limit) > unlimited(maximum)) {
      throw badRequest(`Quota limit ${limit} for ${resource} must be less than or equal to ${maximum}.`);
    }
  }
}

const unlimited = (value: number): number => (value === -1 ? Infinity : value);

async function settableRanges(
  service: Compute,
  projectId: string,
  userId: string | undefined,
): Promise<Record<QuotaResource, Range>> {
  const { quotas } = service;
  const project = await quotas.limitsOf(projectId);
  const users = await quotas.sumOfUsers(projectId);
  const used = await usageOf(service, projectId, userId);
  const own = userId === undefined ? {} : await quotas.own({ kind: 'user', projectId, userId });
  const rangeOf = (r: QuotaResource): Range => {
    const given = users[r] ?? 0;
    // what the project has left beside what its users were given
    const left = project[r] - given;
    if (userId !== undefined) return { minimum: used[r], maximum: sum(left, own[r] ?? 0) };
    return { minimum: Math.max(difference(project[r], left), used[r]), maximum: -1 };
  };
  return Object.fromEntries(quotaResources.map((r) => [r, rangeOf(r)])) as Record<QuotaResource, Range>;
}

const sum = (a: number, b: number): number => (a <= -1 || b <= -1 ? -1 : a + b);
const difference = (a: number, b: number): number => (a <= -1 || b <= -1 ? -1 : a - b);
