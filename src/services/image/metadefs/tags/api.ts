import { badRequest, conflict, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf, type Query } from '#kit/http/endpoint.ts';

import { last, readLimit } from '../../images/query.ts';
import type { Image } from '../../service.ts';
import { readBody, timestamps } from '../bodies.ts';
import type { Definition, Page } from '../content-store.ts';
import { namespaceFor, noSuchNamespace, targetOf } from '../lookup.ts';
import type { Namespace } from '../namespaces/store.ts';
import { type TagContent, viewTag, viewTags } from './view.ts';

const endpoint = endpointOf<Image>();

const path = '/metadefs/namespaces/{namespace}/tags';

/** https://docs.openstack.org/api-ref/image/v2/metadefs-index.html#metadata-definition-tags */
export const metadefTagEndpoints = [
  endpoint({
    method: 'GET',
    path,
    policy: 'get_metadef_tags',
    status: 200,
    load: (call) => namespaceFor(call, 'get_metadef_tags', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, query }) =>
      viewTags(await service.metadefTags.list(resource.id, await readPage(service, resource, query))),
  }),

  endpoint({
    method: 'POST',
    path,
    policy: 'add_metadef_tags',
    status: 201,
    load: (call) => namespaceFor(call, 'add_metadef_tags', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, body, request }) => {
      const { tags = [] } = readBody(body, service.metadefSchemas.newTagsSchema, timestamps) as {
        tags?: { name: string }[];
      };
      const wanted = tags.map(({ name }) => ({ name, content: {} }));
      const append = isTrue(request.headers['x-openstack-append']);
      const made = append
        ? await service.metadefTags.insert(resource.id, wanted)
        : await service.metadefTags.replace(resource.id, wanted);
      if (made === 'duplicate')
        throw tagExists(resource.namespace, await duplicateOf(service, resource, tags));
      if (made === 'no namespace') throw notFound(noSuchNamespace(resource.namespace));
      return viewTags(made);
    },
  }),

  endpoint({
    method: 'DELETE',
    path,
    policy: 'delete_metadef_tags',
    status: 204,
    load: (call) => namespaceFor(call, 'delete_metadef_tags', call.params.namespace),
    target: targetOf,
    handler: async (call) => {
      const { service, resource } = call;
      call.enforce('delete_metadef_namespace', targetOf(resource));
      if (resource.protected)
        throw forbidden(
          `Metadata definition namespace ${resource.namespace} is protected and cannot be deleted.`,
        );
      await service.metadefTags.removeAll(resource.id);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${path}/{name}`,
    policy: 'get_metadef_tag',
    status: 200,
    load: (call) => namespaceFor(call, 'get_metadef_tag', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, params }) => viewTag(await find(service, resource, params.name)),
  }),

  endpoint({
    method: 'POST',
    path: `${path}/{name}`,
    policy: 'add_metadef_tag',
    status: 201,
    load: (call) => namespaceFor(call, 'add_metadef_tag', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, params: { name } }) => {
      service.metadefSchemas.tagSchema.check({ name });
      const made = await service.metadefTags.insert(resource.id, [{ name, content: {} }]);
      if (made === 'duplicate') throw tagExists(resource.namespace, name);
      if (made === 'no namespace') throw notFound(noSuchNamespace(resource.namespace));
      return viewTag(made[0]!);
    },
  }),

  endpoint({
    method: 'PUT',
    path: `${path}/{name}`,
    policy: 'modify_metadef_tag',
    status: 200,
    load: (call) => namespaceFor(call, 'modify_metadef_tag', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, params, body }) => {
      const { name } = readBody(body, service.metadefSchemas.tagSchema, timestamps) as { name: string };
      const before = await find(service, resource, params.name);
      const changed = await service.metadefTags.update(before, { name, content: {} });
      if (changed === 'gone') throw noSuchTag(params.name);
      if (changed === 'duplicate') throw tagExists(resource.namespace, name);
      return viewTag(changed);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: `${path}/{name}`,
    policy: 'delete_metadef_tag',
    status: 204,
    load: (call) => namespaceFor(call, 'delete_metadef_tag', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, params }) => {
      const { name } = await find(service, resource, params.name);
      if (resource.protected)
        throw forbidden(`Metadata definition tag ${name} is protected and cannot be deleted.`);
      await service.metadefTags.remove(resource.id, name);
    },
  }),
];

/** The columns tags may be sorted by; their ids come in the order they were made in. */
const columns = new Map<string, Page['column']>([
  ['created_at', 'sequence'],
  ['id', 'sequence'],
  ['namespace_id', 'sequence'],
  ['name', 'name'],
  ['updated_at', 'updated_at'],
]);

async function readPage(service: Image, namespace: Namespace, query: Query): Promise<Page> {
  const direction = last(query.sort_dir) ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`);
  const visibility = last(query.visibility);
  if (visibility && !['public', 'private', 'shared'].includes(visibility))
    throw badRequest(`Invalid visibility value: ${visibility}`);
  const column = columns.get(last(query.sort_key) ?? 'created_at');
  if (!column) throw badRequest('Sort key supplied was not valid.');
  const limit = last(query.limit);
  const marker = last(query.marker);
  return {
    column,
    direction,
    limit: limit ? readLimit(limit) : undefined,
    marker: marker ? await find(service, namespace, marker) : undefined,
  };
}

/** What oslo.utils takes for true. */
const isTrue = (value: string | string[] | undefined): boolean =>
  typeof value === 'string' && ['1', 't', 'true', 'on', 'y', 'yes'].includes(value.trim().toLowerCase());

async function find(service: Image, namespace: Namespace, name: string): Promise<Definition<TagContent>> {
  const found = await service.metadefTags.find(namespace.id, name);
  if (!found) throw noSuchTag(name);
  return found;
}

/** The first name that was there already, or that was given twice. */
async function duplicateOf(
  service: Image,
  namespace: Namespace,
  tags: readonly { readonly name: string }[],
): Promise<string> {
  const seen = new Set((await service.metadefTags.list(namespace.id)).map(({ name }) => name));
  const twice = new Set<string>();
  for (const { name } of tags) {
    if (twice.has(name)) return name;
    twice.add(name);
  }
  return tags.find(({ name }) => seen.has(name))?.name ?? '';
}

const noSuchTag = (name: string) => notFound(`Could not find metadata tag ${name}`);

const tagExists = (namespace: string, name: string) =>
  conflict(
    `A metadata tag with name=${name} already exists in namespace=${namespace}. (Please note that metadata tag names are case insensitive).`,
  );
