import { forbidden } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { found, refuseDangling } from '../errors.ts';
import { normalized } from '../fields.ts';
import { collection, pageOf, textMatches } from '../listing.ts';
import { refuseOtherId } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { createServiceBody, listServicesQuery, type ServiceFields, updateServiceBody } from './schema.ts';
import type { CatalogService } from './store.ts';
import { viewService } from './view.ts';

const endpoint = endpointOf<Identity>();

type InService = Call<Identity, { service_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findService = ({ service, params }: InService) => service.services.find(params.service_id);

/** https://docs.openstack.org/api-ref/identity/v3/#service-catalog-and-endpoints */
export const serviceEndpoints = [
  endpoint({
    method: 'GET',
    path: '/services',
    policy: 'identity:list_services',
    query: listServicesQuery,
    status: 200,
    handler: async ({ service, query, request }) => {
      const page = pageOf(query);
      const services = await service.services.list(
        {
          ...(query.type !== undefined && { type: query.type as string }),
          ...(query.name !== undefined && { name: query.name as string }),
          matches: textMatches(query, ['type', 'name']),
        },
        page,
      );
      return collection(
        'services',
        services.map((one) => viewService(one, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/services',
    policy: 'identity:create_service',
    body: createServiceBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const { id: _, type, name, enabled, ...extra } = body.service as ServiceFields;
      const made: CatalogService = {
        id: newHexId(),
        type: type!,
        name: name ?? '',
        enabled: enabled ?? true,
        extra: normalized(extra),
      };
      await service.changes.apply((trx) => service.services.insert(trx, made));
      return { service: viewService(made, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/services/{service_id}',
    policy: 'identity:get_service',
    status: 200,
    load: findService,
    handler: ({ resource, params, request }) => ({
      service: viewService(found(resource, 'service', params.service_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/services/{service_id}',
    policy: 'identity:update_service',
    body: updateServiceBody,
    status: 200,
    load: findService,
    handler: async ({ service, resource, params, body, request }) => {
      const old = found(resource, 'service', params.service_id);
      const { id, type, name, enabled, ...extra } = body.service as ServiceFields;
      refuseOtherId(id, old.id);
      const updated: CatalogService = {
        id: old.id,
        type: type ?? old.type,
        name: name ?? old.name,
        enabled: enabled ?? old.enabled,
        extra: { ...old.extra, ...extra },
      };
      await service.changes.apply((trx) => service.services.update(trx, updated));
      return { service: viewService(updated, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/services/{service_id}',
    policy: 'identity:delete_service',
    status: 204,
    load: findService,
    handler: async ({ service, resource, params }) => {
      const { id } = found(resource, 'service', params.service_id);
      await refuseDangling(
        service.changes.apply((trx) => service.services.remove(trx, id)),
        () => forbidden(`Unable to delete service ${id} because it has associated registered limits.`),
      );
    },
  }),
];
