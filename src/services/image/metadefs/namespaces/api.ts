import type { SortKey } from '#kit/db/keyset.ts';
import { badRequest, conflict, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf, type Query } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { viewerOf } from '../../images/lookup.ts';
import { last, readLimit } from '../../images/query.ts';
import { pageLinks } from '../../images/view.ts';
import type { Image } from '../../service.ts';
import { type Body, generated, readBody } from '../bodies.ts';
import { namespaceFor, namespaceNotFound, targetOf } from '../lookup.ts';
import { associationOf } from '../resource-types/api.ts';
import { contentsOf, createContents, readContents } from './contents.ts';
import type { Namespace, NamespaceFields } from './store.ts';
import { namespacePath, prefixed, viewNamespace } from './view.ts';

const endpoint = endpointOf<Image>();

const path = '/metadefs/namespaces';

/** https://docs.openstack.org/api-ref/image/v2/metadefs-index.html#metadata-definition-namespaces */
export const namespaceEndpoints = [
  endpoint({
    method: 'GET',
    path,
    policy: 'get_metadef_namespaces',
    status: 200,
    handler: async (call) => {
      const { service, query, auth } = call;
      call.enforce('list_metadef_resource_types', { project_id: auth.projectId });
      const request = readListQuery(query);
      const { limit_param_default, api_limit_max } = service.options;
      const limit = Math.min(request.limit ?? limit_param_default, api_limit_max);
      const marker = request.marker === undefined ? undefined : await markerOf(call, request.marker);
      const found = await service.namespaces.list(viewerOf(call), { ...request, marker, limit });
      const seen = found.filter((namespace) => call.allows('get_metadef_namespace', targetOf(namespace)));
      const associations = await service.resourceTypes.associations(seen.map(({ id }) => id));
      const parameters = Object.entries(query).map(([name, value]) => [name, last(value) ?? ''] as const);
      const isFull = seen.length > 0 && seen.length === limit;
      return {
        namespaces: seen.map((namespace) =>
          viewNamespace(namespace, {
            associations: associations.filter(({ namespaceId }) => namespaceId === namespace.id),
          }),
        ),
        ...pageLinks(`/v2${path}`, new Map(parameters), isFull ? seen.at(-1)!.namespace : undefined),
        schema: '/v2/schemas/metadefs/namespaces',
      };
    },
  }),

  endpoint({
    method: 'POST',
    path,
    policy: 'add_metadef_namespace',
    status: 201,
    body: 'json',
    handler: async (call) => {
      const { service, body, auth } = call;
      const read = readBody(body, service.metadefSchemas.namespaceSchema, generated);
      const contents = readContents(read);
      enforceContents(call, read);
      const fields = fieldsOf(read, auth.projectId ?? null);
      const made = await createContents(service, fields, contents, associationsOf(read));
      if (!made) throw namespaceExists(fields.namespace);
      const location = call.request.origin + encodeURI(namespacePath(fields.namespace));
      return reply({ ...viewNamespace(made), ...contentsAsGiven(read) }, { headers: { location } });
    },
  }),

  endpoint({
    method: 'GET',
    path: `${path}/{namespace}`,
    policy: 'get_metadef_namespace',
    status: 200,
    load: (call) => {
      const { namespace } = call.params;
      return namespaceFor(call, 'get_metadef_namespace', namespace, namespaceNotFound(namespace));
    },
    target: targetOf,
    handler: async (call) => {
      const { service, resource, query } = call;
      for (const rule of [
        'list_metadef_resource_types',
        'get_metadef_objects',
        'get_metadef_properties',
        'get_metadef_tags',
      ])
        call.enforce(rule, targetOf(resource));
      checkVisibility(query);
      const contents = await contentsOf(service, resource);
      const resourceType = last(query.resource_type);
      return viewNamespace(resource, resourceType ? prefixed(contents, resourceType) : contents);
    },
  }),

  endpoint({
    method: 'PUT',
    path: `${path}/{namespace}`,
    policy: 'modify_metadef_namespace',
    status: 200,
    load: (call) => namespaceFor(call, 'modify_metadef_namespace', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, auth, body }) => {
      const read = readBody(body, service.metadefSchemas.namespaceSchema, generated);
      const fields = fieldsOf(read, auth.projectId ?? null);
      const updated = await service.namespaces.update(resource.id, fields);
      if (updated === 'gone') throw notFound(namespaceNotFound(resource.namespace));
      if (updated === 'duplicate')
        throw conflict(
          `Invalid update. It would result in a duplicate metadata definition namespace with the same name of ${fields.namespace}`,
        );
      return viewNamespace((await service.namespaces.find(fields.namespace)) ?? { ...resource, ...fields });
    },
  }),

  endpoint({
    method: 'DELETE',
    path: `${path}/{namespace}`,
    policy: 'delete_metadef_namespace',
    status: 204,
    load: (call) => namespaceFor(call, 'delete_metadef_namespace', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource }) => {
      if (resource.protected)
        throw forbidden(
          `Metadata definition namespace ${resource.namespace} is protected and cannot be deleted.`,
        );
      await service.namespaces.remove(resource.id);
    },
  }),
];

const namespaceExists = (namespace: string) =>
  conflict(`The metadata definition namespace=${namespace} already exists.`);

/** Who makes a namespace is told its contents as they gave them. */
const contentsAsGiven = (body: Body): Body =>
  Object.fromEntries(contentNames.filter((name) => name in body).map((name) => [name, body[name]]));

const contentNames = ['resource_type_associations', 'properties', 'objects', 'tags'];

/** What a request writes of a namespace itself; what it leaves out is as in a new one. */
const fieldsOf = (body: Body, owner: string | null): NamespaceFields => ({
  namespace: body.namespace as string,
  displayName: (body.display_name as string | undefined) ?? null,
  description: (body.description as string | undefined) ?? null,
  visibility: (body.visibility as Namespace['visibility'] | undefined) ?? 'private',
  protected: (body.protected as boolean | undefined) ?? false,
  owner: (body.owner as string | undefined) ?? owner,
});

const associationsOf = (body: Body) =>
  ((body.resource_type_associations ?? []) as Body[]).map((association) => {
    if (association.name === undefined) throw badRequest('Mandatory field missing: name');
    return associationOf(association);
  });

function enforceContents(call: Pick<Call<Image>, 'enforce'>, body: Body): void {
  if (body.resource_type_associations) call.enforce('add_metadef_resource_type_association');
  if (body.objects) call.enforce('add_metadef_object');
  if (body.properties) call.enforce('add_metadef_property');
  if (body.tags) call.enforce('add_metadef_tag');
}

const sortable = ['namespace', 'display_name', 'visibility', 'owner', 'created_at', 'updated_at', 'id'];

function readListQuery(query: Query) {
  const column = last(query.sort_key) ?? 'created_at';
  const direction = last(query.sort_dir) ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`);
  if (!sortable.includes(column)) throw badRequest('Sort key supplied was not valid.');
  checkVisibility(query);
  const limit = last(query.limit);
  const rest = ['created_at', 'id'].filter((name) => name !== column);
  const sort: SortKey[] = [column, ...rest].map((name) => ({ column: name, direction }));
  return {
    visibility: last(query.visibility) || undefined,
    resourceTypes: last(query.resource_types)?.split(','),
    sort,
    marker: last(query.marker) || undefined,
    limit: limit === undefined ? undefined : readLimit(limit),
  };
}

function checkVisibility(query: Query): void {
  const visibility = last(query.visibility);
  if (visibility && visibility !== 'public' && visibility !== 'private')
    throw badRequest(`Invalid visibility value: ${visibility}`);
}

const markerOf = (call: Pick<Call<Image>, 'service' | 'auth' | 'allows'>, name: string) =>
  namespaceFor(call, 'get_metadef_namespace', name, namespaceNotFound(name));
