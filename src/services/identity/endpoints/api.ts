import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { found } from '../errors.ts';
import { collection, pageOf } from '../listing.ts';
import type { Identity } from '../service.ts';
import { createEndpoint, updateEndpoint } from './operations.ts';
import { createEndpointBody, listEndpointsQuery, updateEndpointBody } from './schema.ts';
import { viewEndpoint } from './view.ts';

const endpoint = endpointOf<Identity>();

type InEndpoint = Call<Identity, { endpoint_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findEndpoint = ({ service, params }: InEndpoint) => service.endpoints.find(params.endpoint_id);

/** https://docs.openstack.org/api-ref/identity/v3/#service-catalog-and-endpoints */
export const endpointEndpoints = [
  endpoint({
    method: 'GET',
    path: '/endpoints',
    policy: 'identity:list_endpoints',
    query: listEndpointsQuery,
    status: 200,
    handler: async ({ service, query, request }) => {
      const page = pageOf(query);
      const endpoints = await service.endpoints.list(
        {
          ...(query.interface !== undefined && { interface: query.interface as string }),
          ...(query.service_id !== undefined && { serviceId: query.service_id as string }),
          ...(query.region_id !== undefined && { regionIds: [query.region_id as string] }),
        },
        page,
      );
      return collection(
        'endpoints',
        endpoints.map((one) => viewEndpoint(one, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/endpoints',
    policy: 'identity:create_endpoint',
    body: createEndpointBody,
    status: 201,
    handler: async ({ service, body, request }) => ({
      endpoint: viewEndpoint(await createEndpoint(service, body.endpoint), request.origin),
    }),
  }),

  endpoint({
    method: 'GET',
    path: '/endpoints/{endpoint_id}',
    policy: 'identity:get_endpoint',
    status: 200,
    load: findEndpoint,
    handler: ({ resource, params, request }) => ({
      endpoint: viewEndpoint(found(resource, 'endpoint', params.endpoint_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/endpoints/{endpoint_id}',
    policy: 'identity:update_endpoint',
    body: updateEndpointBody,
    status: 200,
    load: findEndpoint,
    handler: async ({ service, resource, params, body, request }) => {
      const old = found(resource, 'endpoint', params.endpoint_id);
      return { endpoint: viewEndpoint(await updateEndpoint(service, old, body.endpoint), request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/endpoints/{endpoint_id}',
    policy: 'identity:delete_endpoint',
    status: 204,
    load: findEndpoint,
    handler: async ({ service, resource, params }) => {
      const { id } = found(resource, 'endpoint', params.endpoint_id);
      await service.changes.apply((trx) => service.endpoints.remove(trx, id));
    },
  }),
];
