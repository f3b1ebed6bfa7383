import type { PortFacts } from '#contracts/network.ts';

import type { Compute } from '../service.ts';
import type { Server } from './server.ts';

/** What tells which ports are a server's. */
export type PortOwner = Pick<Server, 'id' | 'projectId' | 'interfaces'>;

/**
 * Whether a port that names a server is that server's: one it was attached to, or one of its own project. Whoever owns a port
 * may write any server's id on it, and must neither be told about that server nor show up as a part of it
 * (nova/api/metadata/handler.py, _get_meta_by_instance_id; nova/network/neutron.py, _get_instance_nw_info).
 */
export const isPortOf = (server: PortOwner, port: PortFacts): boolean =>
  port.projectId === server.projectId || server.interfaces.some((nic) => nic.portId === port.id);

/** The ports of servers, fetched once for all. */
export async function portsOf({ parts }: Compute, servers: readonly PortOwner[]): Promise<PortFacts[]> {
  const byId = new Map(servers.map((server) => [server.id, server]));
  const ports = await parts.network.portsOf([...byId.keys()]);
  return ports.filter((port) => isPortOf(byId.get(port.deviceId)!, port));
}
