import { badRequest } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { expecting, found } from '../errors.ts';
import { collection, pageOf } from '../listing.ts';
import type { Identity } from '../service.ts';
import { createEndpointGroupBody, listEndpointGroupsQuery, updateEndpointGroupBody } from './schema.ts';
import type { EndpointGroup } from './store.ts';
import { viewEndpointGroup } from './view.ts';

const endpoint = endpointOf<Identity>();

type InGroup = Call<Identity, { endpoint_group_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findGroup = ({ service, params }: InGroup) => service.endpointGroups.find(params.endpoint_group_id);

const present = (group: EndpointGroup | undefined, id: string): EndpointGroup =>
  found(group, 'Endpoint Group', id);

/** https://docs.openstack.org/api-ref/identity/v3-ext/#endpoint-groups */
export const endpointGroupEndpoints = [
  endpoint({
    method: 'GET',
    path: '/OS-EP-FILTER/endpoint_groups',
    policy: 'identity:list_endpoint_groups',
    query: listEndpointGroupsQuery,
    status: 200,
    handler: async ({ service, query, request }) => {
      const page = pageOf(query);
      const filter = query.name === undefined ? {} : { name: query.name as string };
      const groups = await service.endpointGroups.list(filter, page);
      return collection(
        'endpoint_groups',
        groups.map((group) => viewEndpointGroup(group, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/OS-EP-FILTER/endpoint_groups',
    policy: 'identity:create_endpoint_group',
    body: createEndpointGroupBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const { name, description, filters } = body.endpoint_group;
      if (Object.keys(filters).length === 0)
        throw badRequest('filters field is required and cannot be empty');
      refuseUnknownFilters(filters);
      const group: EndpointGroup = { id: newHexId(), name, description: description ?? null, filters };
      await service.changes.apply((trx) => service.endpointGroups.insert(trx, group));
      return { endpoint_group: viewEndpointGroup(group, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}',
    policy: 'identity:get_endpoint_group',
    status: 200,
    load: findGroup,
    handler: ({ resource, params, request }) => ({
      endpoint_group: viewEndpointGroup(present(resource, params.endpoint_group_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}',
    policy: 'identity:update_endpoint_group',
    body: updateEndpointGroupBody,
    status: 200,
    load: findGroup,
    handler: async ({ service, resource, params, body, request }) => {
      const old = present(resource, params.endpoint_group_id);
      const { name, description, filters } = body.endpoint_group;
      if (filters) refuseUnknownFilters(filters);
      const group: EndpointGroup = {
        id: old.id,
        name: name ?? old.name,
        description: description === undefined ? old.description : description,
        filters: filters ?? old.filters,
      };
      await service.changes.apply((trx) => service.endpointGroups.update(trx, group));
      return { endpoint_group: viewEndpointGroup(group, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}',
    policy: 'identity:delete_endpoint_group',
    status: 204,
    load: findGroup,
    handler: async ({ service, resource, params }) => {
      const { id } = present(resource, params.endpoint_group_id);
      await service.changes.apply((trx) => service.endpointGroups.remove(trx, id));
    },
  }),
];

const filterKeys = ['service_id', 'region_id', 'interface'];

function refuseUnknownFilters(filters: object): void {
  if (Object.keys(filters).some((key) => !filterKeys.includes(key)))
    throw expecting(filterKeys.join(' or '), 'endpoint_group');
}
