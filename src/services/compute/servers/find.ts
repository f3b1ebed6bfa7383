import { notFound } from '#kit/errors/cloud-error.ts';
import type { Call } from '#kit/http/endpoint.ts';

import type { Compute } from '../service.ts';
import type { Server } from './server.ts';

/** A call of any endpoint under a server. */
export type ServerCall = Pick<
  Call<Compute>,
  'service' | 'auth' | 'allows' | 'enforce' | 'atLeast' | 'request'
>;

/** What policy rules look at. */
export const targetOf = (server: Server) => ({ project_id: server.projectId, user_id: server.userId });

/** Whether the caller is an administrator, which many of Nova's checks ask beside policy. */
export const isAdmin = (call: Pick<ServerCall, 'allows'>): boolean => call.allows('context_is_admin');

/** The server a path names. Throws `notFound` also when it is another project's and the caller no administrator. */
export async function findServer(
  call: ServerCall,
  id: string,
  options: { deleted?: boolean } = {},
): Promise<Server> {
  const server = await call.service.servers.find(id, options);
  if (!server || (server.projectId !== call.auth.projectId && !isAdmin(call))) throw serverNotFound(id);
  return server;
}

/** What Nova says of a server that is not there. */
export const serverNotFound = (id: string) => notFound(`Instance ${id} could not be found.`);

/** `load` and `target` of every endpoint under `/servers/{server_id}`. */
export const loadsServer = {
  load: (call: ServerCall & { params: { server_id: string } }) => findServer(call, call.params.server_id),
  target: targetOf,
};
