import { endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { requesterOf } from '../operations/begin.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { deliver, tagRequired } from './deliver.ts';
import { createEventsBody, type EventName } from './schema.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#create-external-events-os-server-external-events */
export const serverExternalEventEndpoints = [
  endpoint({
    method: 'POST',
    path: '/os-server-external-events',
    policy: 'os_compute_api:os-server-external-events:create',
    body: createEventsBody,
    status: 200,
    handler: async (call) => {
      const { service, body } = call;
      // every version has names
      const told = body.events.map((event) => ({ ...event, name: event.name! }));
      const ids = [...new Set(told.map((event) => event.server_uuid))];
      const servers = await service.servers.list({ ids, deleted: 'no' });
      const byId = new Map(servers.map((server) => [server.id, server]));
      const events = [];
      for (const event of told) {
        const server = byId.get(event.server_uuid);
        const code = codeOf(event, server);
        if (code === 200) await deliver(service, requesterOf(call), server!, event);
        events.push({ ...event, status: code === 200 ? 'completed' : 'failed', code });
      }
      return reply({ events }, { status: events.every((event) => event.code === 200) ? 200 : 207 });
    },
  }),
];

/** What becomes of an event, as a status: only a server that is on a host can be told. */
function codeOf(event: { name: EventName; tag?: string }, server: Server | undefined): number {
  if (!server) return 404;
  if (event.tag === undefined && tagRequired.has(event.name)) return 400;
  return server.host === null ? 422 : 200;
}
