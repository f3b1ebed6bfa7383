import { badRequest, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import { noQuery } from '../query.ts';
import { editServer } from '../servers/edit.ts';
import { isAdmin, loadsServer, type ServerCall } from '../servers/find.ts';
import { checkMetadataQuota } from '../servers/quota.ts';
import type { Server } from '../servers/server.ts';
import { checkRule, rules } from '../servers/state.ts';
import type { Compute } from '../service.ts';
import { metadataBody, metadataItemBody } from './schema.ts';

const endpoint = endpointOf<Compute>();

type Metadata = Server['metadata'];

/** https://docs.openstack.org/api-ref/compute/#server-metadata-servers-metadata */
export const serverMetadataEndpoints = [
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/metadata',
    policy: 'os_compute_api:server-metadata:index',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: ({ resource }) => ({ metadata: resource.metadata }),
  }),
  endpoint({
    method: 'POST',
    path: '/servers/{server_id}/metadata',
    policy: 'os_compute_api:server-metadata:create',
    body: metadataBody,
    status: 200,
    ...loadsServer,
    handler: async (call) => {
      const given = call.body.metadata;
      return { metadata: await setMetadata(call, call.resource, (before) => ({ ...before, ...given })) };
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/servers/{server_id}/metadata',
    policy: 'os_compute_api:server-metadata:update_all',
    body: metadataBody,
    status: 200,
    ...loadsServer,
    handler: async (call) => ({
      metadata: await setMetadata(call, call.resource, () => call.body.metadata),
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/servers/{server_id}/metadata/{key}',
    policy: 'os_compute_api:server-metadata:show',
    query: noQuery,
    status: 200,
    ...loadsServer,
    handler: ({ resource, params }) => ({ meta: { [params.key]: itemOf(resource, params.key) } }),
  }),
  endpoint({
    method: 'PUT',
    path: '/servers/{server_id}/metadata/{key}',
    policy: 'os_compute_api:server-metadata:update',
    body: metadataItemBody,
    status: 200,
    ...loadsServer,
    handler: async (call) => {
      const { meta } = call.body;
      if (!Object.hasOwn(meta, call.params.key)) throw badRequest('Request body and URI mismatch');
      await setMetadata(call, call.resource, (before) => ({ ...before, ...meta }));
      return { meta };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/servers/{server_id}/metadata/{key}',
    policy: 'os_compute_api:server-metadata:delete',
    status: 204,
    ...loadsServer,
    handler: async (call) => {
      const { service, resource, params } = call;
      itemOf(resource, params.key);
      checkRule(resource, rules.deleteMetadata, { admin: isAdmin(call) });
      await editServer(service, resource, 'metadata', (before) => {
        const { [params.key]: _, ...others } = before;
        return others;
      });
    },
  }),
];

function itemOf(server: Server, key: string): string {
  if (!Object.hasOwn(server.metadata, key)) throw notFound('Metadata item was not found');
  return server.metadata[key]!;
}

async function setMetadata(
  call: ServerCall,
  server: Server,
  edit: (before: Metadata) => Metadata,
): Promise<Metadata> {
  const { service } = call;
  checkRule(server, rules.metadata, { admin: isAdmin(call) });
  const limits = await service.quotas.limitsOf(server.projectId, server.userId);
  return editServer(service, server, 'metadata', (before) => {
    const after = edit(before);
    checkMetadataQuota(limits, after);
    return after;
  });
}
