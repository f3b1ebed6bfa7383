import { callAgent } from '#contracts/agent.ts';
import { conflict, isKind } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { hostOf } from '../operations/progress.ts';
import { noQuery } from '../query.ts';
import { loadsServer } from '../servers/find.ts';
import type { Compute } from '../service.ts';
import { viewDiagnostics, viewLegacyDiagnostics } from './view.ts';

const endpoint = endpointOf<Compute>();

/** https://docs.openstack.org/api-ref/compute/#servers-diagnostics-servers-diagnostics */
export const serverDiagnosticsEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/diagnostics',
    policy: 'os_compute_api:os-server-diagnostics',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: async (call) => {
      const { service, resource: server } = call;
      const host = hostOf(server);
      try {
        const diagnostics = await callAgent(service.parts.bus, host, 'guest.diagnostics', { id: server.id });
        if (!call.atLeast('2.48')) return viewLegacyDiagnostics(diagnostics);
        const hypervisor = (await service.hosts.find(host))?.facts.hypervisorType.toLowerCase();
        return viewDiagnostics(diagnostics, server, hypervisor ?? 'unknown');
      } catch (error) {
        if (isKind(error, 'conflict', 'notFound')) {
          throw conflict(
            `Cannot 'get_diagnostics' instance ${server.id} while it is in power state ${server.powerState}`,
            undefined,
            error,
          );
        }
        throw error;
      }
    },
  }),
];
