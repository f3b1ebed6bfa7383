import type { DemoParts } from './parts.ts';

/**
 * Takes the quotas of servers, cores and memory from the administrator's own project: there the machine is the limit, and
 * what does not fit it is told by the scheduler. Every other project has the ordinary quotas.
 */
export async function freeAdminOfQuotas({ client }: DemoParts): Promise<string> {
  const quota_set = { instances: -1, cores: -1, ram: -1 };
  await client.send('PUT', 'compute', `/os-quota-sets/${client.projectId}`, { quota_set });
  return 'no limit on servers, cores and memory';
}
