import type { Static } from 'typebox';

import type { PortFacts } from '#contracts/network.ts';
import { badRequest, CloudError, conflict, isKind, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { beginOperation, requesterOf, startOperation } from '../operations/begin.ts';
import { noQuery } from '../query.ts';
import { findServer, loadsServer, type ServerCall } from '../servers/find.ts';
import { checkRequests, type PlannedInterface, theOnlyNetwork } from '../servers/networks.ts';
import { portsOf } from '../servers/ports.ts';
import type { Server } from '../servers/server.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { attachInterfaceSaga, detachInterfaceSaga } from './interface.saga.ts';
import { attachBody } from './schema.ts';
import { viewInterface } from './view.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#port-interfaces-servers-os-interface */
export const interfaceEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/os-interface',
    policy: 'os_compute_api:os-attach-interfaces:list',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: async (call) => {
      const { service, resource: server } = call;
      const shown = { tag: call.atLeast('2.70') };
      const ports = await portsOf(service, [server]);
      return { interfaceAttachments: ports.map((port) => viewInterface(port, server, shown)) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/os-interface/{port_id}',
    policy: 'os_compute_api:os-attach-interfaces:show',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: (call) => showInterface(call, call.resource, call.params.port_id),
  }),
  endpoint({
    method: 'POST',
    path: '/servers/{server_id}/os-interface',
    policy: 'os_compute_api:os-attach-interfaces:create',
    body: attachBody,
    status: 200,
    ...loadsServer,
    handler: async (call) => {
      const { service, resource: server, body } = call;
      const requester = requesterOf(call);
      checkRule(server, rules.attachInterface, requester);
      const planned = await planAttachment(call, body.interfaceAttachment ?? {});
      const input = { interface: planned };
      const rule = rules.attachInterface;
      const saga = await startOperation(requester, server, rule, attachInterfaceSaga, input);
      await attached(service, server, saga!);
      return showInterface(call, await findServer(call, server.id), planned.portId);
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}/os-interface/{port_id}',
    policy: 'os_compute_api:os-attach-interfaces:delete',
    status: 202,
    ...loadsServer,
    handler: async (call) => {
      const { resource: server, params } = call;
      const requester = requesterOf(call);
      checkRule(server, rules.detachInterface, requester);
      const port = await findPort(call, server, params.port_id);
      const known = server.interfaces.find((nic) => nic.portId === port.id);
      const input = { interface: { portId: port.id, made: known?.made ?? false } };
      await beginOperation(requester, server, rules.detachInterface, detachInterfaceSaga, input);
    },
  }),
];

type Attachment = NonNullable<Static<typeof attachBody>['interfaceAttachment']>;

/** What an attachment asks for, checked. Throws what Nova answers. */
async function planAttachment(call: ServerCall, asked: Attachment): Promise<PlannedInterface> {
  const { net_id: networkId, port_id: portId, tag } = asked;
  const fixedIp = asked.fixed_ips?.[0]?.ip_address;
  if (networkId !== undefined && portId !== undefined)
    throw badRequest('Must not input both network_id and port_id');
  if (fixedIp !== undefined && networkId === undefined)
    throw badRequest('Must input network_id when request IP address');
  const more = { ...(fixedIp !== undefined && { fixedIp }), ...(tag !== undefined && { tag }) };
  const request =
    portId === undefined
      ? { networkId: networkId ?? (await defaultNetwork(call)), ...more }
      : { portId, ...more };
  const [planned] = await checkRequests(call, [request], 1, { missing: notFound, taken: conflict });
  return planned!;
}

async function defaultNetwork(call: ServerCall): Promise<string> {
  const network = await theOnlyNetwork(call).catch((error: unknown) => {
    throw isKind(error, 'conflict') ? badRequest(error.message) : error;
  });
  if (network) return network.id;
  throw badRequest(
    `No specific network was requested and none are available for project '${call.auth.projectId}'.`,
  );
}

/** An attachment is answered once it is made. Throws what kept it from being made. */
async function attached(service: Compute, server: Server, saga: string): Promise<void> {
  const { failed, error } = await service.parts.sagas.finished(saga);
  if (!failed) return;
  if (error && error.kind !== 'cancelled' && error.kind !== 'internal')
    throw new CloudError(error.kind, error.message);
  throw new CloudError('internal', `Failed to attach network adapter device to ${server.id}`);
}

/** A port of this server's. Throws `notFound`. */
async function findPort(call: ServerCall, server: Server, portId: string): Promise<PortFacts> {
  const { network } = call.service.parts;
  const port = await network.port(portId, call.auth).catch((error: unknown) => {
    if (isKind(error, 'notFound')) throw notFound(`Port id ${portId} could not be found.`);
    throw error;
  });
  if (port.deviceId !== server.id)
    throw notFound(`Instance ${server.id} does not have a port with id ${portId}`);
  return port;
}

async function showInterface(call: ServerCall, server: Server, portId: string) {
  const port = await findPort(call, server, portId);
  return { interfaceAttachment: viewInterface(port, server, { tag: call.atLeast('2.70') }) };
}
