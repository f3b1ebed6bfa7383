import type { Credentials } from '#kit/auth/credentials.ts';
import type { Target } from '#kit/auth/rule-parser.ts';
import { notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { collection, pageOf, textMatches } from '../listing.ts';
import type { Identity } from '../service.ts';
import { createLimits } from './operations.ts';
import { createLimitsBody, listLimitsQuery, updateLimitBody } from './schema.ts';
import type { Limit, LimitFilter } from './store.ts';
import { viewLimit } from './view.ts';

const endpoint = endpointOf<Identity>();

type InLimit = Call<Identity, { limit_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findLimit = ({ service, params }: InLimit) => service.limits.find(params.limit_id);

function present(limit: Limit | undefined, id: string): Limit {
  if (!limit) throw notFound(`Could not find limit for ${id}.`);
  return limit;
}

/** https://docs.openstack.org/api-ref/identity/v3/#unified-limits */
export const limitEndpoints = [
  endpoint({
    method: 'GET',
    path: '/limits/model',
    policy: 'identity:get_limit_model',
    status: 200,
    handler: () => ({ model: flat }),
  }),

  endpoint({
    method: 'GET',
    path: '/limits',
    policy: 'identity:list_limits',
    query: listLimitsQuery,
    status: 200,
    handler: async ({ service, auth, query, request }) => {
      const page = pageOf(query);
      const limits = await service.limits.list(
        {
          ...(query.service_id !== undefined && { serviceId: query.service_id as string }),
          ...(query.region_id !== undefined && { regionId: query.region_id as string }),
          ...(query.resource_name !== undefined && { resourceName: query.resource_name as string }),
          ...(query.project_id !== undefined && { projectId: query.project_id as string }),
          ...(query.domain_id !== undefined && { domainId: query.domain_id as string }),
          matches: textMatches(query, ['service_id', 'region_id', 'resource_name']),
          ...extentFor(auth),
        },
        page,
      );
      return collection(
        'limits',
        limits.map((limit) => viewLimit(limit, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/limits',
    policy: 'identity:create_limits',
    body: createLimitsBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const limits = await createLimits(service, body.limits);
      return { limits: limits.map((limit) => viewLimit(limit, request.origin)) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/limits/{limit_id}',
    policy: 'identity:get_limit',
    status: 200,
    load: findLimit,
    target: targetOf,
    handler: ({ resource, params, request }) => ({
      limit: viewLimit(present(resource, params.limit_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/limits/{limit_id}',
    policy: 'identity:update_limit',
    body: updateLimitBody,
    status: 200,
    load: findLimit,
    handler: async ({ service, resource, params, body, request }) => {
      const old = present(resource, params.limit_id);
      const { resource_limit: resourceLimit = old.resourceLimit, description = old.description } = body.limit;
      const updated = { ...old, resourceLimit, description };
      await service.changes.apply((trx) => service.limits.update(trx, updated));
      return { limit: viewLimit(updated, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/limits/{limit_id}',
    policy: 'identity:delete_limit',
    status: 204,
    load: findLimit,
    handler: async ({ service, resource, params }) => {
      const { id } = present(resource, params.limit_id);
      await service.changes.apply((trx) => service.limits.remove(trx, id));
    },
  }),
];

/** The one enforcement model there is, in Keystone's words. */
const flat = {
  name: 'flat',
  description: 'Limit enforcement and validation does not take project hierarchy into consideration.',
};

/** Of which limits a caller may know: administrators and services of all, others of what their token is for. */
function extentFor({ system, roles, domainId, projectId }: Credentials): LimitFilter {
  if (system || roles.includes('admin') || roles.includes('service')) return {};
  return domainId === undefined ? { withinProject: projectId ?? '' } : { withinDomain: domainId };
}

function targetOf(limit: Limit | undefined): Target {
  if (!limit) return {};
  return {
    'target.limit.project_id': limit.projectId,
    ...(limit.domainId !== null && { 'target.limit.domain.id': limit.domainId }),
    ...(limit.projectDomainId !== null && { 'target.limit.project.domain_id': limit.projectDomainId }),
  };
}
