import { conflict } from '#kit/errors/cloud-error.ts';

import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { groupOf } from './hints.ts';

/**
 * Looks again whether a server may be where it is, once it is written down there: two control processes may have placed
 * two servers of one group at the same moment. Throws `conflict` in Nova's words.
 */
export async function checkGroupPolicy(service: Compute, server: Server): Promise<void> {
  const id = groupOf(server.hints);
  if (id === undefined || server.host === null) return;
  const group = await service.serverGroups.find(id);
  if (group?.policy !== 'affinity' && group?.policy !== 'anti-affinity') return;
  const hosts = await service.serverGroups.hostsOf(id, [server.id]);
  const here = hosts.get(server.host) ?? 0;
  if (group.policy === 'affinity' && hosts.size > 0 && here === 0)
    throw conflict('Affinity server group policy was violated.');
  if (group.policy === 'anti-affinity' && here >= (group.maxServerPerHost ?? 1))
    throw conflict('Anti-affinity server group policy was violated.');
}
