import { parseIso } from '#kit/clock/clock.ts';
import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf, type Query } from '#kit/http/endpoint.ts';

import { nextLink } from '../links.ts';
import { lastOf, noQuery, pageOf } from '../query.ts';
import { findServer, type ServerCall, targetOf } from '../servers/find.ts';
import type { Server } from '../servers/server.ts';
import type { Compute } from '../service.ts';
import { listActionsQuery } from './schema.ts';
import type { ActionFilter, ServerAction } from './store.ts';
import { type EventVisibility, viewAction, viewEvents } from './view.ts';

const endpoint = endpointOf<Compute>();

/** Since 2.21 also what was done to a server that is gone is told. */
const loadsAnyServer = {
  load: (call: ServerCall & { params: { server_id: string } }) =>
    findServer(call, call.params.server_id, { deleted: call.atLeast('2.21') }),
  target: targetOf,
};

/** https://docs.openstack.org/api-ref/compute/#servers-actions-servers-os-instance-actions */
export const instanceActionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/os-instance-actions',
    policy: 'os_compute_api:os-instance-actions:list',
    query: listActionsQuery,
    status: 200,
    ...loadsAnyServer,
    handler: async (call) => {
      const { service, resource: server, request } = call;
      const paged = call.atLeast('2.58');
      const filter = paged ? await readFilter(service, server, call.query) : {};
      const actions = await service.actions.list(server.id, filter);
      const links =
        paged &&
        nextLink(
          request,
          `servers/${server.id}/os-instance-actions`,
          pageOf(call.query, service.parts.options.max_limit),
          actions.map((action) => action.requestId),
        );
      return {
        instanceActions: actions.map((action) => viewAction(action, { updatedAt: paged })),
        ...(links && { links }),
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/os-instance-actions/{request_id}',
    policy: 'os_compute_api:os-instance-actions:show',
    query: noQuery,
    status: 200,
    ...loadsAnyServer,
    handler: async (call) => {
      const { service, resource: server, params } = call;
      const action = await service.actions.find(server.id, params.request_id);
      if (!action) throw notFound(`Action ${params.request_id} not found`);
      const shown = eventVisibility(call, server);
      const view = viewAction(action, { updatedAt: call.atLeast('2.58') });
      if (!shown) return { instanceAction: view };
      const events = viewEvents(action, await stepsOf(service, action), server, shown);
      return { instanceAction: { ...view, events } };
    },
  }),
];

async function readFilter(service: Compute, server: Server, query: Query): Promise<ActionFilter> {
  const { limit, marker } = pageOf(query, service.parts.options.max_limit);
  const after = marker === undefined ? undefined : await service.actions.find(server.id, marker);
  if (marker !== undefined && !after) throw badRequest(`Marker ${marker} could not be found.`);
  const moment = (name: string) => {
    const text = lastOf(query, name);
    return text === undefined ? undefined : parseIso(text);
  };
  const [changedSince, changedBefore] = [moment('changes-since'), moment('changes-before')];
  if (changedSince !== undefined && changedBefore !== undefined && changedBefore < changedSince)
    throw badRequest('The value of changes-since must be less than or equal to changes-before.');
  return {
    limit,
    ...(after && { after }),
    ...(changedSince !== undefined && { changedSince }),
    ...(changedBefore !== undefined && { changedBefore }),
  };
}

/** What the caller sees of events; undefined when they see none, as others than administrators until 2.50. */
function eventVisibility(call: ServerCall, server: Server): EventVisibility | undefined {
  const target = targetOf(server);
  const all = call.allows('os_compute_api:os-instance-actions:events', target);
  if (!all && !call.atLeast('2.51')) return undefined;
  return {
    traceback: all,
    host: all && call.atLeast('2.62'),
    hostId: call.atLeast('2.62'),
    details: call.atLeast('2.84') && call.allows('os_compute_api:os-instance-actions:events:details', target),
  };
}

async function stepsOf(service: Compute, action: ServerAction) {
  const histories = await Promise.all(action.sagas.map((id) => service.parts.sagas.history(id)));
  return histories.flat();
}
