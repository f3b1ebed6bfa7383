import { forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { clash, expecting, refuseDangling, refuseDuplicate } from '../errors.ts';
import { collection, pageOf, textMatches } from '../listing.ts';
import type { Identity } from '../service.ts';
import {
  createRegisteredLimitsBody,
  listRegisteredLimitsQuery,
  type RegisteredLimitFields,
  updateRegisteredLimitBody,
} from './schema.ts';
import type { RegisteredLimit } from './store.ts';
import { viewRegisteredLimit } from './view.ts';

const endpoint = endpointOf<Identity>();

type InLimit = Call<Identity, { registered_limit_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findLimit = ({ service, params }: InLimit) => service.registeredLimits.find(params.registered_limit_id);

function present(limit: RegisteredLimit | undefined, id: string): RegisteredLimit {
  if (!limit) throw notFound(`Could not find registered limit for ${id}.`);
  return limit;
}

/** https://docs.openstack.org/api-ref/identity/v3/#unified-limits */
export const registeredLimitEndpoints = [
  endpoint({
    method: 'GET',
    path: '/registered_limits',
    policy: 'identity:list_registered_limits',
    query: listRegisteredLimitsQuery,
    status: 200,
    handler: async ({ service, query, request }) => {
      const page = pageOf(query);
      const limits = await service.registeredLimits.list(
        {
          ...(query.service_id !== undefined && { serviceId: query.service_id as string }),
          ...(query.region_id !== undefined && { regionIds: [query.region_id as string] }),
          ...(query.resource_name !== undefined && { resourceName: query.resource_name as string }),
          matches: textMatches(query, ['service_id', 'region_id', 'resource_name']),
        },
        page,
      );
      return collection(
        'registered_limits',
        limits.map((limit) => viewRegisteredLimit(limit, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/registered_limits',
    policy: 'identity:create_registered_limits',
    body: createRegisteredLimitsBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      for (const fields of body.registered_limits) await requireReferences(service, fields);
      const limits = body.registered_limits.map((fields) => ({
        id: newHexId(),
        serviceId: fields.service_id,
        regionId: fields.region_id ?? null,
        resourceName: fields.resource_name,
        defaultLimit: fields.default_limit,
        description: fields.description ?? null,
      }));
      const write = service.changes.apply((trx) => service.registeredLimits.insert(trx, limits));
      await refuseDangling(refuseDuplicate(write, taken), unknownService);
      return { registered_limits: limits.map((limit) => viewRegisteredLimit(limit, request.origin)) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/registered_limits/{registered_limit_id}',
    policy: 'identity:get_registered_limit',
    status: 200,
    load: findLimit,
    handler: ({ resource, params, request }) => ({
      registered_limit: viewRegisteredLimit(present(resource, params.registered_limit_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/registered_limits/{registered_limit_id}',
    policy: 'identity:update_registered_limit',
    body: updateRegisteredLimitBody,
    status: 200,
    load: findLimit,
    handler: async ({ service, resource, params, body, request }) => {
      const old = present(resource, params.registered_limit_id);
      const fields = body.registered_limit;
      await requireReferences(service, fields);
      if (await service.limits.refersTo(old.id)) throw inUse(old.id);
      const updated: RegisteredLimit = {
        id: old.id,
        serviceId: fields.service_id ?? old.serviceId,
        regionId: fields.region_id === undefined ? old.regionId : fields.region_id,
        resourceName: fields.resource_name ?? old.resourceName,
        defaultLimit: fields.default_limit ?? old.defaultLimit,
        description: fields.description === undefined ? old.description : fields.description,
      };
      const write = service.changes.apply((trx) => service.registeredLimits.update(trx, updated));
      await refuseDangling(refuseDuplicate(write, taken), unknownService);
      return { registered_limit: viewRegisteredLimit(updated, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/registered_limits/{registered_limit_id}',
    policy: 'identity:delete_registered_limit',
    status: 204,
    load: findLimit,
    handler: async ({ service, resource, params }) => {
      const { id } = present(resource, params.registered_limit_id);
      await refuseDangling(
        service.changes.apply((trx) => service.registeredLimits.remove(trx, id)),
        () => inUse(id),
      );
    },
  }),
];

async function requireReferences(
  { services, regions }: Identity,
  { service_id: serviceId, region_id: regionId }: RegisteredLimitFields,
): Promise<void> {
  if (serviceId !== undefined && !(await services.find(serviceId))) throw unknownService();
  if (regionId != null && !(await regions.find(regionId))) throw expecting('region_id', 'registered_limit');
}

const unknownService = () => expecting('service_id', 'registered_limit');

const taken = () => clash('registered_limit', 'Duplicate entry');

const inUse = (id: string) =>
  forbidden(
    `Unable to update or delete registered limit ${id} because there are project limits associated with it.`,
  );
