import { badRequest } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { found } from '../errors.ts';
import { normalized } from '../fields.ts';
import { collection, isTrue, pageOf, requireMarker, textMatches } from '../listing.ts';
import { deleteProject, insertProject, requireDomain, updateProject } from '../projects/operations.ts';
import type { Project } from '../projects/store.ts';
import { mergeOptions } from '../resource-options.ts';
import type { Identity } from '../service.ts';
import { createDomainBody, type DomainFields, listDomainsQuery, updateDomainBody } from './schema.ts';
import { viewDomain } from './view.ts';

const endpoint = endpointOf<Identity>();

type InDomain = Call<Identity, { domain_id: string }>;

const loadDomain = ({ service, params }: InDomain): Promise<Project> =>
  requireDomain(service, params.domain_id);

/** https://docs.openstack.org/api-ref/identity/v3/#domains */
export const domainEndpoints = [
  endpoint({
    method: 'GET',
    path: '/domains',
    policy: 'identity:list_domains',
    query: listDomainsQuery,
    status: 200,
    target: (_, { auth }) => (auth.domainId ? { 'target.domain.id': auth.domainId } : {}),
    handler: async ({ service, auth, query, request }) => {
      const page = pageOf(query);
      await requireMarker(page, (id) => service.projects.find(id));
      const domains = await service.projects.list(
        {
          isDomain: true,
          ...(query.name !== undefined && { name: query.name as string }),
          ...(query.enabled !== undefined && { enabled: isTrue(query.enabled as string) }),
          matches: textMatches(query, ['name']),
        },
        page,
      );
      const shown = auth.domainId ? domains.filter(({ id }) => id === auth.domainId) : domains;
      return collection(
        'domains',
        shown.map((domain) => viewDomain(domain, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/domains',
    policy: 'identity:create_domain',
    body: createDomainBody,
    status: 201,
    handler: async ({ service, body, request }) => {
      const domain = newDomain(body.domain);
      await insertProject(service, domain);
      return { domain: viewDomain(domain, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/domains/{domain_id}',
    policy: 'identity:get_domain',
    status: 200,
    // what does not exist is the caller's business only once policy has let the caller ask
    load: async ({ service, params }) => {
      const domain = await service.projects.find(params.domain_id);
      return domain?.isDomain ? domain : undefined;
    },
    target: (domain) => (domain ? { 'target.domain.id': domain.id } : {}),
    handler: ({ resource, params, request }) => ({
      domain: viewDomain(found(resource, 'domain', params.domain_id), request.origin),
    }),
  }),

  endpoint({
    method: 'PATCH',
    path: '/domains/{domain_id}',
    policy: 'identity:update_domain',
    body: updateDomainBody,
    status: 200,
    load: loadDomain,
    handler: async ({ service, resource, body, request }) => ({
      domain: viewDomain(await updateProject(service, resource, body.domain), request.origin),
    }),
  }),

  endpoint({
    method: 'DELETE',
    path: '/domains/{domain_id}',
    policy: 'identity:delete_domain',
    status: 204,
    load: loadDomain,
    handler: ({ service, resource }) => deleteProject(service, resource),
  }),
];

function newDomain(fields: DomainFields & { readonly explicit_domain_id?: string }): Project {
  const { id: _, explicit_domain_id: explicitId, ...rest } = fields;
  const { name, description, enabled, tags, options, ...extra } = rest;
  if (explicitId !== undefined && !/^[0-9a-f]{32}$/.test(explicitId))
    throw badRequest('Domain ID does not conform to required UUID format.');
  return {
    id: explicitId ?? newHexId(),
    name: name!.trim(),
    domainId: null,
    parentId: null,
    isDomain: true,
    description: description === undefined ? '' : description,
    enabled: enabled ?? true,
    options: mergeOptions({}, options),
    extra: normalized(extra),
    tags: tags?.map((tag) => tag.trim()) ?? [],
  };
}
