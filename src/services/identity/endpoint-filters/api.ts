import { notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf, type RequestInfo } from '#kit/http/endpoint.ts';

import { isInGroup } from '../endpoint-groups/matching.ts';
import { viewEndpointGroup } from '../endpoint-groups/view.ts';
import type { CatalogEndpoint } from '../endpoints/store.ts';
import { viewEndpoint } from '../endpoints/view.ts';
import { clash, found, missing, refuseDangling, refuseDuplicate } from '../errors.ts';
import { collection } from '../listing.ts';
import { requireProject } from '../projects/operations.ts';
import { viewProject } from '../projects/view.ts';
import type { Identity } from '../service.ts';
import type { EndpointFilter } from './store.ts';

const endpoint = endpointOf<Identity>();

const underProject = '/OS-EP-FILTER/projects/{project_id}';
const underEndpoint = '/OS-EP-FILTER/endpoints/{endpoint_id}';
const underGroup = '/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}';

/** https://docs.openstack.org/api-ref/identity/v3-ext/#os-ep-filter-api */
export const endpointFilterEndpoints = [
  endpoint({
    method: 'GET',
    path: `${underEndpoint}/projects`,
    policy: 'identity:list_projects_for_endpoint',
    status: 200,
    handler: async ({ service, params, request }) => {
      await requireEndpoint(service, params.endpoint_id);
      return projectsOf(service, { kind: 'endpoint', id: params.endpoint_id }, request);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${underProject}/endpoints`,
    policy: 'identity:list_endpoints_for_project',
    status: 200,
    handler: async ({ service, params, request }) => {
      await requireProject(service, params.project_id);
      const filters = await service.endpointFilters.list({ projectId: params.project_id });
      const groups = await service.endpointGroups.list({ ids: idsOf(filters, 'group') });
      const direct = idsOf(filters, 'endpoint');
      const endpoints = (await service.endpoints.list({})).filter(
        (one) => direct.includes(one.id) || groups.some((group) => isInGroup(one, group)),
      );
      return endpointsIn(endpoints, request);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${underProject}/endpoints/{endpoint_id}`,
    policy: 'identity:check_endpoint_in_project',
    status: 204,
    handler: async ({ service, params }) => {
      const filter = await namedFilter(service, 'endpoint', params.endpoint_id, params.project_id);
      if (!(await service.endpointFilters.has(filter))) throw notFiltered(filter);
    },
  }),

  endpoint({
    method: 'PUT',
    path: `${underProject}/endpoints/{endpoint_id}`,
    policy: 'identity:add_endpoint_to_project',
    status: 204,
    handler: async ({ service, params }) =>
      addFilter(service, await namedFilter(service, 'endpoint', params.endpoint_id, params.project_id)),
  }),

  endpoint({
    method: 'DELETE',
    path: `${underProject}/endpoints/{endpoint_id}`,
    policy: 'identity:remove_endpoint_from_project',
    status: 204,
    handler: ({ service, params }) =>
      removeFilter(service, { kind: 'endpoint', id: params.endpoint_id, projectId: params.project_id }),
  }),

  endpoint({
    method: 'GET',
    path: `${underProject}/endpoint_groups`,
    policy: 'identity:list_endpoint_groups_for_project',
    status: 200,
    handler: async ({ service, params, request }) => {
      await requireProject(service, params.project_id);
      const filters = await service.endpointFilters.list({ projectId: params.project_id, kind: 'group' });
      const groups = await service.endpointGroups.list({ ids: idsOf(filters, 'group') });
      return collection(
        'endpoint_groups',
        groups.map((group) => viewEndpointGroup(group, request.origin)),
        request,
      );
    },
  }),

  endpoint({
    method: 'GET',
    path: `${underGroup}/projects`,
    policy: 'identity:list_projects_associated_with_endpoint_group',
    status: 200,
    handler: async ({ service, params, request }) => {
      await requireGroup(service, params.endpoint_group_id);
      return projectsOf(service, { kind: 'group', id: params.endpoint_group_id }, request);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${underGroup}/endpoints`,
    policy: 'identity:list_endpoints_associated_with_endpoint_group',
    status: 200,
    handler: async ({ service, params, request }) => {
      const group = await requireGroup(service, params.endpoint_group_id);
      const endpoints = (await service.endpoints.list({})).filter((one) => isInGroup(one, group));
      return endpointsIn(endpoints, request);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${underGroup}/projects/{project_id}`,
    policy: 'identity:get_endpoint_group_in_project',
    status: 200,
    handler: async ({ service, params }) => {
      const { endpoint_group_id: group, project_id: project } = params;
      const filter = await namedFilter(service, 'group', group, project);
      if (!(await service.endpointFilters.has(filter))) throw notFiltered(filter);
      return {
        project_endpoint_group: {
          endpoint_group_id: group,
          project_id: project,
          // Keystone shows the path only
          links: { self: `/OS-EP-FILTER/endpoint_groups/${group}/projects/${project}` },
        },
      };
    },
  }),

  endpoint({
    method: 'PUT',
    path: `${underGroup}/projects/{project_id}`,
    policy: 'identity:add_endpoint_group_to_project',
    status: 204,
    handler: async ({ service, params }) =>
      addFilter(service, await namedFilter(service, 'group', params.endpoint_group_id, params.project_id)),
  }),

  endpoint({
    method: 'DELETE',
    path: `${underGroup}/projects/{project_id}`,
    policy: 'identity:remove_endpoint_group_from_project',
    status: 204,
    handler: async ({ service, params }) =>
      removeFilter(service, await namedFilter(service, 'group', params.endpoint_group_id, params.project_id)),
  }),
];

/** The filter a path names, whose ends must be there. */
async function namedFilter(
  service: Identity,
  kind: EndpointFilter['kind'],
  id: string,
  projectId: string,
): Promise<EndpointFilter> {
  await (kind === 'endpoint' ? requireEndpoint(service, id) : requireGroup(service, id));
  await requireProject(service, projectId);
  return { kind, id, projectId };
}

async function addFilter(service: Identity, filter: EndpointFilter): Promise<void> {
  const what = filter.kind === 'endpoint' ? 'project_endpoint' : 'project_endpoint_group';
  const write = service.changes.apply((trx) => service.endpointFilters.insert(trx, filter));
  await refuseDangling(
    refuseDuplicate(write, () => clash(what, 'Duplicate entry')),
    () => missing('project', filter.projectId),
  );
}

async function removeFilter(service: Identity, filter: EndpointFilter): Promise<void> {
  const removed = await service.changes.apply((trx) => service.endpointFilters.remove(trx, filter));
  if (!removed) throw notFiltered(filter);
}

const requireEndpoint = async ({ endpoints }: Identity, id: string) =>
  found(await endpoints.find(id), 'endpoint', id);

const requireGroup = async ({ endpointGroups }: Identity, id: string) =>
  found(await endpointGroups.find(id), 'Endpoint Group', id);

const idsOf = (filters: readonly EndpointFilter[], kind: EndpointFilter['kind']): string[] =>
  filters.filter((filter) => filter.kind === kind).map(({ id }) => id);

async function projectsOf(service: Identity, wanted: Partial<EndpointFilter>, request: RequestInfo) {
  const filters = await service.endpointFilters.list(wanted);
  const projects = await service.projects.byIds(filters.map(({ projectId }) => projectId));
  return collection(
    'projects',
    projects.map((project) => viewProject(project, request.origin)),
    request,
  );
}

const endpointsIn = (endpoints: readonly CatalogEndpoint[], request: RequestInfo) =>
  collection(
    'endpoints',
    endpoints.map((one) => viewEndpoint(one, request.origin)),
    request,
  );

const notFiltered = ({ kind, id, projectId }: EndpointFilter) =>
  notFound(
    kind === 'endpoint'
      ? `Endpoint ${id} not found in project ${projectId}`
      : 'Endpoint Group Project Association not found',
  );
