import { badRequest } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf, type Query } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';
import { newHexId } from '#kit/ids/ids.ts';

import { found } from '../errors.ts';
import { normalized } from '../fields.ts';
import { viewLimitBriefly } from '../limits/view.ts';
import { collection, isGiven, pageOf, requireMarker } from '../listing.ts';
import { mergeOptions } from '../resource-options.ts';
import { domainFor } from '../scoping.ts';
import type { Identity } from '../service.ts';
import { filterOf } from './filter.ts';
import { deleteProject, insertProject, updateProject } from './operations.ts';
import {
  createProjectBody,
  listProjectsQuery,
  type ProjectFields,
  showProjectQuery,
  updateProjectBody,
  updateTagsBody,
} from './schema.ts';
import type { Project } from './store.ts';
import { addTag, removeTag, requireTag, setTags } from './tags.ts';
import { parentsAsIds, subtreeAsIds, viewProject, viewUpdatedProject } from './view.ts';

const endpoint = endpointOf<Identity>();

type InProject = Call<Identity, { project_id: string }>;

// what does not exist is the caller's business only once policy has let the caller ask
const findProject = ({ service, params }: InProject): Promise<Project | undefined> =>
  service.projects.find(params.project_id);

const projectTarget = (project: Project | undefined) =>
  project ? { 'target.project.id': project.id, 'target.project.domain_id': project.domainId } : {};

const present = (project: Project | undefined, id: string): Project => found(project, 'project', id);

/** https://docs.openstack.org/api-ref/identity/v3/#projects */
export const projectEndpoints = [
  endpoint({
    method: 'GET',
    path: '/projects',
    policy: 'identity:list_projects',
    query: listProjectsQuery,
    status: 200,
    target: (_, { auth }) => (auth.domainId ? { 'target.domain_id': auth.domainId } : {}),
    handler: async ({ service, auth, query, request }) => {
      const page = pageOf(query);
      await requireMarker(page, (id) => service.projects.find(id));
      const filter = filterOf(query);
      const elsewhere = auth.domainId && filter.domainId && filter.domainId !== auth.domainId;
      const own = auth.domainId === undefined ? {} : { domainId: auth.domainId };
      const projects = elsewhere ? [] : await service.projects.list({ ...filter, ...own }, page);
      return collection(
        'projects',
        projects.map((project) => viewProject(project, request.origin)),
        request,
        page,
      );
    },
  }),

  endpoint({
    method: 'POST',
    path: '/projects',
    policy: 'identity:create_project',
    body: createProjectBody,
    status: 201,
    target: (_, { auth }) => ({ 'target.project.domain_id': auth.domainId ?? null }),
    handler: async (call) => {
      const { service, auth, body, request } = call;
      const domainId = body.project.is_domain ? null : domainFor(body.project.domain_id, auth);
      call.enforce('identity:create_project', { 'target.project.domain_id': domainId });
      const project = newProject(body.project, domainId);
      await insertProject(service, project);
      return { project: viewProject(project, request.origin) };
    },
  }),

  endpoint({
    method: 'GET',
    path: '/projects/{project_id}',
    policy: 'identity:get_project',
    query: showProjectQuery,
    status: 200,
    load: findProject,
    target: projectTarget,
    handler: async (call) => {
      const project = present(call.resource, call.params.project_id);
      return {
        project: { ...viewProject(project, call.request.origin), ...(await relatives(call, project)) },
      };
    },
  }),

  endpoint({
    method: 'PATCH',
    path: '/projects/{project_id}',
    policy: 'identity:update_project',
    body: updateProjectBody,
    status: 200,
    load: findProject,
    target: projectTarget,
    handler: async ({ service, resource, params, body, request }) => {
      const project = await updateProject(service, present(resource, params.project_id), body.project);
      return { project: viewUpdatedProject(project, request.origin) };
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/projects/{project_id}',
    policy: 'identity:delete_project',
    status: 204,
    load: findProject,
    target: projectTarget,
    handler: ({ service, resource, params }) => deleteProject(service, present(resource, params.project_id)),
  }),

  endpoint({
    method: 'GET',
    path: '/projects/{project_id}/tags',
    policy: 'identity:list_project_tags',
    status: 200,
    load: findProject,
    target: projectTarget,
    handler: ({ resource, params, request }) => ({
      links: { self: request.origin + request.url },
      tags: present(resource, params.project_id).tags,
    }),
  }),

  endpoint({
    method: 'PUT',
    path: '/projects/{project_id}/tags',
    policy: 'identity:update_project_tags',
    body: updateTagsBody,
    status: 200,
    load: findProject,
    target: projectTarget,
    handler: async ({ service, resource, params, body, request }) => ({
      links: { self: request.origin + request.url },
      tags: await setTags(service, present(resource, params.project_id), body.tags),
    }),
  }),

  endpoint({
    method: 'DELETE',
    path: '/projects/{project_id}/tags',
    policy: 'identity:delete_project_tags',
    status: 204,
    load: findProject,
    target: projectTarget,
    handler: async ({ service, resource, params }) => {
      await setTags(service, present(resource, params.project_id), []);
    },
  }),

  endpoint({
    method: 'GET',
    path: '/projects/{project_id}/tags/{value}',
    policy: 'identity:get_project_tag',
    status: 204,
    load: findProject,
    target: projectTarget,
    handler: ({ resource, params }) => requireTag(present(resource, params.project_id), params.value),
  }),

  endpoint({
    method: 'PUT',
    path: '/projects/{project_id}/tags/{value}',
    policy: 'identity:create_project_tag',
    status: 201,
    load: findProject,
    target: projectTarget,
    handler: async ({ service, resource, params, request }) => {
      await addTag(service, present(resource, params.project_id), params.value);
      return reply(undefined, { headers: { location: request.origin + request.url } });
    },
  }),

  endpoint({
    method: 'DELETE',
    path: '/projects/{project_id}/tags/{value}',
    policy: 'identity:delete_project_tag',
    status: 204,
    load: findProject,
    target: projectTarget,
    handler: ({ service, resource, params }) =>
      removeTag(service, present(resource, params.project_id), params.value),
  }),
];

function newProject(fields: ProjectFields, domainId: string | null): Project {
  const { id: _, domain_id: givenDomainId, parent_id: parentId, is_domain: isDomain, ...rest } = fields;
  const { name, description, enabled, tags, options, ...extra } = rest;
  return {
    id: newHexId(),
    name: name!.trim(),
    domainId,
    // a domain within another is refused as one that is not a root
    parentId: parentId || givenDomainId || domainId,
    isDomain: isDomain ?? false,
    description: description === undefined ? '' : description,
    enabled: enabled ?? true,
    options: mergeOptions({}, options),
    extra: normalized(extra),
    tags: tags?.map((tag) => tag.trim()) ?? [],
  };
}

type Showing = Pick<Call<Identity>, 'service' | 'auth' | 'query' | 'request'>;

/** The projects above and below, as ids, or in full those on which the caller has a role. */
async function relatives(call: Showing, { id }: Project): Promise<object> {
  const { service, query } = call;
  refuseBoth(query, 'parents_as_list', 'parents_as_ids');
  refuseBoth(query, 'subtree_as_list', 'subtree_as_ids');
  return {
    ...(isGiven(query, 'parents_as_list') && {
      parents: await callersOwn(call, await service.projects.parents(id)),
    }),
    ...(isGiven(query, 'parents_as_ids') && { parents: parentsAsIds(await service.projects.parents(id)) }),
    ...(isGiven(query, 'subtree_as_list') && {
      subtree: await callersOwn(call, await service.projects.subtree(id)),
    }),
    ...(isGiven(query, 'subtree_as_ids') && {
      subtree: subtreeAsIds(id, await service.projects.subtree(id)),
    }),
  };
}

async function callersOwn({ service, auth, query, request }: Showing, projects: readonly Project[]) {
  const own = new Set((await service.effectiveRoles.targetsOf(auth.userId)).projects.map(({ id }) => id));
  const shown = projects.filter((project) => own.has(project.id));
  const projectIds = shown.map(({ id }) => id);
  const limits = isGiven(query, 'include_limits') && (await service.limits.list({ projectIds }));
  return shown.map((project) => ({
    project: {
      ...viewProject(project, request.origin),
      ...(limits && {
        limits: limits.filter(({ projectId }) => projectId === project.id).map(viewLimitBriefly),
      }),
    },
  }));
}

function refuseBoth(query: Query, one: string, other: string): void {
  if (isGiven(query, one) && isGiven(query, other))
    throw badRequest(`Cannot use ${one} and ${other} query params at the same time.`);
}
