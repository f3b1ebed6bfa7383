import { conflict } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { isTrue } from '../fields.ts';
import { linksTo, nextLink } from '../links.ts';
import { noQuery, pageOf } from '../query.ts';
import type { Compute } from '../service.ts';
import { createServers } from './create.ts';
import { deleteServer } from './delete.ts';
import { shortIpv6 } from './fields.ts';
import { findServer, loadsServer, type ServerCall, serverNotFound } from './find.ts';
import { listQuery } from './list-query.ts';
import { listBrief, listServers } from './list.ts';
import { newPassword } from './names.ts';
import { createServerBody, type UpdateServer, updateServerBody } from './schema.ts';
import type { Server } from './server.ts';
import { rules } from './state.ts';
import { viewBrief, viewServer } from './view.ts';
import { factsOf, type Occasion, visibilityOf } from './visibility.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#servers-servers */
export const serverEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers',
    policy: 'os_compute_api:servers:index',
    query: listQuery,
    status: 200,
    handler: async (call) => {
      const servers = await listBrief(call);
      const views = servers.map((server) => viewBrief(server, call.request));
      return withNextLink(call, 'servers', servers, views);
    },
  }),

  endpoint({
    method: 'GET',
    path: '/servers/detail',
    policy: 'os_compute_api:servers:detail',
    query: listQuery,
    status: 200,
    handler: async (call) => {
      const servers = await listServers(call, 'detail');
      const facts = await factsOf(call, 'detail', servers);
      const shown = visibilityOf(call, 'detail');
      const views = servers.map((server) => viewServer(server, facts, shown, call.request));
      return withNextLink(call, 'servers/detail', servers, views);
    },
  }),

  endpoint({
    method: 'POST',
    path: '/servers',
    policy: 'os_compute_api:servers:create',
    body: createServerBody,
    status: 202,
    handler: async (call) => {
      const { server: asked } = call.body;
      const adminPass = asked.adminPass ?? newPassword();
      const servers = await createServers(call, asked, hintsOf(call.body), adminPass);
      const first = servers[0]!;
      if (asked.return_reservation_id !== undefined && isTrue(asked.return_reservation_id))
        return { reservation_id: first.reservationId };
      const links = linksTo(call.request, 'servers', first.id);
      const server = {
        id: first.id,
        links,
        'OS-DCF:diskConfig': first.autoDiskConfig ? 'AUTO' : 'MANUAL',
        security_groups: asked.security_groups ?? [{ name: 'default' }],
        adminPass,
      };
      return reply({ server }, { headers: { location: links[0]!.href } });
    },
  }),

  endpoint({
    method: 'GET',
    path: '/servers/{server_id}',
    policy: 'os_compute_api:servers:show',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: async (call) => ({ server: await showServer(call, call.resource, 'show') }),
  }),

  endpoint({
    method: 'PUT',
    path: '/servers/{server_id}',
    policy: 'os_compute_api:servers:update',
    body: updateServerBody,
    status: 200,
    ...loadsServer,
    handler: async (call) => {
      const { service, resource, body } = call;
      const changes = changesOf(resource, body.server);
      if (!(await service.servers.update(resource.id, changes, { deletedAt: null })))
        throw serverNotFound(resource.id);
      const server = await findServer(call, resource.id);
      return { server: await showServer(call, server, 'update') };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}',
    policy: 'os_compute_api:servers:delete',
    status: 204,
    ...loadsServer,
    handler: (call) => deleteServer(call, call.resource, rules.delete),
  }),
];

/** A server in full, as the answer to a request about that one server. */
export async function showServer(
  call: ServerCall,
  server: Server,
  occasion: Occasion,
): Promise<Record<string, unknown>> {
  const facts = await factsOf(call, occasion, [server]);
  return viewServer(server, facts, visibilityOf(call, occasion, server), call.request);
}

function withNextLink(
  call: Pick<Call<Compute>, 'service' | 'query' | 'request'>,
  path: string,
  servers: readonly { readonly id: string }[],
  views: readonly object[],
) {
  const ids = servers.map((server) => server.id);
  const page = pageOf(call.query, call.service.parts.options.max_limit);
  const links = nextLink(call.request, path, page, ids);
  return { servers: views, ...(links && { servers_links: links }) };
}

type Hints = Readonly<Record<string, unknown>>;

/** Scheduler hints under either of their names; Nova's own are not for callers. */
function hintsOf(body: { 'os:scheduler_hints'?: Hints; 'OS-SCH-HNT:scheduler_hints'?: Hints }): Hints {
  const given = body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {};
  return Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('_nova')));
}

function changesOf(server: Server, asked: UpdateServer): Partial<Server> {
  const zone = asked.pinned_availability_zone;
  if (zone !== undefined) checkPin(server, zone);
  return {
    ...(asked.name !== undefined && { name: asked.name }),
    ...(asked.description !== undefined && { description: asked.description }),
    ...(asked.hostname !== undefined && { hostname: asked.hostname }),
    ...(asked.accessIPv4 !== undefined && { accessIpV4: asked.accessIPv4 }),
    ...(asked.accessIPv6 !== undefined && { accessIpV6: shortIpv6(asked.accessIPv6) }),
    ...(asked['OS-DCF:diskConfig'] !== undefined && {
      autoDiskConfig: asked['OS-DCF:diskConfig'] === 'AUTO',
    }),
    ...(zone !== undefined && { pinnedAvailabilityZone: zone }),
  };
}

/** A server can be pinned to the zone it is in and unpinned, but not moved by pinning. Throws `conflict`. */
function checkPin(server: Server, zone: string | null): void {
  const pinned = server.pinnedAvailabilityZone;
  if (zone === null || zone === pinned) return;
  if (pinned !== null) {
    throw conflict(
      'Cannot change pinned availability zone directly. Unpin first by setting pinned_availability_zone to null.',
    );
  }
  if (zone !== server.availabilityZone) {
    throw conflict(
      `Server can only be pinned to its current availability zone '${server.availabilityZone}', but '${zone}' was requested.`,
    );
  }
}
