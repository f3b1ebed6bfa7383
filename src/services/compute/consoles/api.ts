import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { queryStrictSince } from '../query.ts';
import { onServer } from '../server-actions/endpoint.ts';
import { loadsServer } from '../servers/find.ts';
import type { Compute } from '../service.ts';
import { openConsole } from './open.ts';
import {
  createConsoleBody,
  getRdpConsoleBody,
  getSerialConsoleBody,
  getSpiceConsoleBody,
  getVncConsoleBody,
} from './schema.ts';

const endpoint = endpointOf<Compute>();
const policy = 'os_compute_api:os-remote-consoles';

/** https://docs.openstack.org/api-ref/compute/#server-consoles */
export const consoleEndpoints = [
  endpoint({
    method: 'POST',
    path: '/servers/{server_id}/remote-consoles',
    policy,
    since: '2.6',
    body: createConsoleBody,
    status: 200,
    ...loadsServer,
    handler: async ({ service, resource, body }) => {
      const { protocol, type } = body.remote_console as { protocol: string; type: string };
      const url = await openConsole(service, resource, protocol, type);
      return { remote_console: { protocol, type, url } };
    },
  }),

  endpoint({
    ...onServer('os-getVNCConsole'),
    until: '2.5',
    policy,
    body: getVncConsoleBody,
    status: 200,
    handler: async ({ service, resource, body }) => {
      const { type } = body['os-getVNCConsole'];
      return { console: { type, url: await openConsole(service, resource, 'vnc', type) } };
    },
  }),

  endpoint({
    ...onServer('os-getSerialConsole'),
    until: '2.5',
    policy,
    body: getSerialConsoleBody,
    status: 200,
    handler: async ({ service, resource, body }) => {
      const { type } = body['os-getSerialConsole'];
      return { console: { type, url: await openConsole(service, resource, 'serial', type) } };
    },
  }),

  endpoint({
    ...onServer('os-getSPICEConsole'),
    until: '2.5',
    policy,
    body: getSpiceConsoleBody,
    status: 200,
    handler: ({ service, resource, body }) =>
      openConsole(service, resource, 'spice', body['os-getSPICEConsole'].type),
  }),

  endpoint({
    ...onServer('os-getRDPConsole'),
    until: '2.5',
    policy,
    body: getRdpConsoleBody,
    status: 200,
    handler: ({ service, resource }) => openConsole(service, resource, 'rdp', 'rdp'),
  }),

  endpoint({
    method: 'GET',
    path: '/os-console-auth-tokens/{token}',
    policy: 'os_compute_api:os-console-auth-tokens',
    query: queryStrictSince('2.99', {}),
    status: 200,
    handler: async (call) => {
      const { service } = call;
      // until then it told of RDP consoles only, of which there are none
      if (!call.atLeast('2.31'))
        throw badRequest(
          'The server could not comply with the request since it is either malformed or otherwise incorrect.',
        );
      const grant = await service.consoleTokens.find(call.params.token);
      if (!grant) throw notFound('Token not found');
      return {
        console: {
          instance_uuid: grant.serverId,
          host: grant.host,
          // consoles have no port of their own: whoever has the token reaches them through the proxy's
          port: portOf(service.parts.consoleUrl),
          internal_access_path: null,
        },
      };
    },
  }),
];

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port ? Number(port) : protocol === 'https:' ? 443 : 80;
}
