import { gone } from '#kit/errors/cloud-error.ts';
import { endpointOf, type Method } from '#kit/http/endpoint.ts';

import type { Compute } from '../service.ts';

const endpoint = endpointOf<Compute>();

/** Parts of the API that Nova has removed and answers 410 for, whatever the version. */
const removed: Readonly<Record<string, readonly Method[]>> = {
  '/os-agents': ['GET', 'POST'],
  '/os-agents/{id}': ['PUT', 'DELETE'],
  '/os-cells': ['GET', 'POST'],
  '/os-cells/capacities': ['GET'],
  '/os-cells/detail': ['GET'],
  '/os-cells/info': ['GET'],
  '/os-cells/sync_instances': ['POST'],
  '/os-cells/{id}': ['GET', 'PUT', 'DELETE'],
  '/os-cells/{id}/capacities': ['GET'],
  '/os-certificates': ['POST'],
  '/os-certificates/{id}': ['GET'],
  '/os-cloudpipe': ['GET', 'POST'],
  '/os-cloudpipe/{id}': ['PUT'],
  '/os-fixed-ips/{id}': ['GET'],
  '/os-floating-ip-dns': ['GET'],
  '/os-floating-ip-dns/{domain_id}': ['PUT', 'DELETE'],
  '/os-floating-ip-dns/{domain_id}/entries/{id}': ['GET', 'PUT', 'DELETE'],
  '/os-floating-ips-bulk': ['GET', 'POST'],
  '/os-floating-ips-bulk/{id}': ['GET', 'PUT'],
  '/os-fping': ['GET'],
  '/os-fping/{id}': ['GET'],
  '/os-networks': ['POST'],
  '/os-networks/add': ['POST'],
  '/os-networks/{id}': ['DELETE'],
  '/os-security-group-default-rules': ['GET', 'POST'],
  '/os-security-group-default-rules/{id}': ['GET', 'DELETE'],
  '/os-tenant-networks': ['POST'],
  '/os-tenant-networks/{id}': ['DELETE'],
  '/servers/{server_id}/consoles': ['GET', 'POST'],
  '/servers/{server_id}/consoles/{id}': ['GET', 'DELETE'],
  '/servers/{server_id}/os-virtual-interfaces': ['GET'],
};

/** Actions likewise. */
const removedActions: Readonly<Record<string, readonly string[]>> = {
  '/servers/{server_id}/action': ['resetNetwork'],
  '/os-fixed-ips/{id}/action': ['reserve', 'unreserve'],
  '/os-networks/{id}/action': ['disassociate', 'disassociate_host', 'disassociate_project', 'associate_host'],
};

const handler = () => {
  throw gone('This resource is no longer available.  No forwarding address is given.');
};

/** They need a token like the rest of the API, but no policy guards them: everybody is told that they are gone. */
export const removedEndpoints = [
  ...Object.entries(removed).flatMap(([path, methods]) =>
    methods.map((method) => endpoint({ method, path, policy: null, status: 410, handler })),
  ),
  ...Object.entries(removedActions).flatMap(([path, actions]) =>
    actions.map((action) => endpoint({ method: 'POST', path, action, policy: null, status: 410, handler })),
  ),
];
