import { badRequest, conflict, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';
import { reply } from '#kit/http/reply.ts';

import { last } from '../../images/query.ts';
import type { Image } from '../../service.ts';
import { generated, readBody } from '../bodies.ts';
import type { Definition } from '../content-store.ts';
import { namespaceFor, namespaceNotFound, noSuchNamespace, targetOf } from '../lookup.ts';
import type { Namespace } from '../namespaces/store.ts';
import { type ObjectContent, objectOf, viewObject, viewObjects } from './view.ts';

const endpoint = endpointOf<Image>();

const path = '/metadefs/namespaces/{namespace}/objects';

/** https://docs.openstack.org/api-ref/image/v2/metadefs-index.html#metadata-definition-objects */
export const metadefObjectEndpoints = [
  endpoint({
    method: 'GET',
    path,
    policy: 'get_metadef_objects',
    status: 200,
    load: (call) => namespaceOf(call, 'get_metadef_objects', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, query }) => {
      checkParameters(query);
      return viewObjects(resource.namespace, await service.metadefObjects.list(resource.id));
    },
  }),

  endpoint({
    method: 'POST',
    path,
    policy: 'add_metadef_object',
    status: 201,
    load: (call) => namespaceOf(call, 'add_metadef_object', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, body }) => {
      const { objectSchema, namedPropertySchema } = service.metadefSchemas;
      const read = readBody(body, objectSchema, generated);
      for (const property of Object.values((read.properties ?? {}) as object))
        namedPropertySchema.check(property);
      const object = objectOf(read);
      const made = await service.metadefObjects.insert(resource.id, [object]);
      if (made === 'duplicate') throw objectExists(resource.namespace, object.name);
      if (made === 'no namespace') throw notFound(noSuchNamespace(resource.namespace));
      return reply(viewObject(resource.namespace, made[0]!));
    },
  }),

  endpoint({
    method: 'DELETE',
    path,
    policy: 'delete_metadef_namespace',
    status: 204,
    load: (call) => namespaceFor(call, 'delete_metadef_namespace', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource }) => {
      if (resource.protected)
        throw forbidden(
          `Metadata definition namespace ${resource.namespace} is protected and cannot be deleted.`,
        );
      await service.metadefObjects.removeAll(resource.id);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${path}/{name}`,
    policy: 'get_metadef_object',
    status: 200,
    load: (call) => namespaceOf(call, 'get_metadef_object', call.params.namespace),
    target: targetOf,
    handler: async (call) =>
      viewObject(call.resource.namespace, await find(call.service, call.resource, call.params.name)),
  }),

  endpoint({
    method: 'PUT',
    path: `${path}/{name}`,
    policy: 'modify_metadef_object',
    status: 200,
    load: (call) => namespaceOf(call, 'modify_metadef_object', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, params, body }) => {
      const object = objectOf(readBody(body, service.metadefSchemas.objectSchema, generated));
      const changed = await service.metadefObjects.update(await find(service, resource, params.name), object);
      if (changed === 'gone') throw noSuchObject(params.name);
      if (changed === 'duplicate') throw objectExists(resource.namespace, object.name);
      return viewObject(resource.namespace, changed);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: `${path}/{name}`,
    policy: 'delete_metadef_object',
    status: 204,
    load: (call) => namespaceOf(call, 'delete_metadef_object', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, params }) => {
      const { name } = await find(service, resource, params.name);
      if (resource.protected)
        throw forbidden(`Metadata definition object ${name} is protected and cannot be deleted.`);
      await service.metadefObjects.remove(resource.id, name);
    },
  }),
];

const namespaceOf = (call: Pick<Call<Image>, 'service' | 'auth' | 'allows'>, rule: string, name: string) =>
  namespaceFor(call, rule, name, namespaceNotFound(name));

async function find(service: Image, namespace: Namespace, name: string): Promise<Definition<ObjectContent>> {
  const found = await service.metadefObjects.find(namespace.id, name);
  if (!found) throw noSuchObject(name);
  return found;
}

const noSuchObject = (name: string) => notFound(`Could not find metadata object ${name}`);

const objectExists = (namespace: string, name: string) =>
  conflict(`A metadata definition object with name=${name} already exists in namespace=${namespace}.`);

/** Parameters are checked, though all objects are listed. */
function checkParameters(query: Readonly<Record<string, string | string[]>>): void {
  const direction = last(query.sort_dir) ?? 'desc';
  if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`);
  const visibility = last(query.visibility);
  if (visibility && !['public', 'private', 'shared'].includes(visibility))
    throw badRequest(`Invalid visibility value: ${visibility}`);
  const limit = last(query.limit);
  if (limit === undefined) return;
  if (!/^\s*[+-]?\d+\s*$/.test(limit)) throw badRequest('limit param must be an integer');
  if (Number(limit) <= 0) throw badRequest('limit param must be positive');
}
