import type { Compute } from '../service.ts';
import { type QuotaResource, quotaResources } from './limits.ts';

/**
 * How much a project, or one user in it, uses of each resource. Counted, never kept. Key pairs and group members are
 * limited elsewhere and always shown as 0, as Nova does; the other resources limit single requests.
 */
export async function usageOf(
  service: Compute,
  projectId: string,
  userId?: string,
): Promise<Record<QuotaResource, number>> {
  const servers = await service.servers.usage(projectId, userId);
  const groups = await service.serverGroups.count(projectId, userId);
  const none = Object.fromEntries(quotaResources.map((r) => [r, 0])) as Record<QuotaResource, number>;
  return { ...none, ...servers, server_groups: groups };
}
