import { conflict, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { type Call, endpointOf } from '#kit/http/endpoint.ts';

import { last } from '../../images/query.ts';
import type { Image } from '../../service.ts';
import { type Property, readBody, timestamps } from '../bodies.ts';
import type { Definition } from '../content-store.ts';
import { namespaceFor, noSuchNamespace, targetOf } from '../lookup.ts';
import type { Namespace } from '../namespaces/store.ts';
import { noSuchAssociation, noSuchResourceType } from '../resource-types/errors.ts';
import { propertyOf, viewProperties, viewProperty } from './view.ts';

const endpoint = endpointOf<Image>();

const path = '/metadefs/namespaces/{namespace}/properties';

/** https://docs.openstack.org/api-ref/image/v2/metadefs-index.html#metadata-definition-properties */
export const metadefPropertyEndpoints = [
  endpoint({
    method: 'GET',
    path,
    policy: 'get_metadef_properties',
    status: 200,
    load: (call) => namespaceFor(call, 'get_metadef_properties', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource }) =>
      viewProperties(await service.metadefProperties.list(resource.id)),
  }),

  endpoint({
    method: 'POST',
    path,
    policy: 'add_metadef_property',
    status: 201,
    load: (call) => namespaceFor(call, 'add_metadef_property', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, body }) => {
      const property = propertyOf(readBody(body, service.metadefSchemas.propertySchema, timestamps));
      const made = await service.metadefProperties.insert(resource.id, [property]);
      if (made === 'duplicate') throw propertyExists(resource.namespace, property.name);
      if (made === 'no namespace') throw notFound(noSuchNamespace(resource.namespace));
      return viewProperty(made[0]!);
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
      await service.metadefProperties.removeAll(resource.id);
    },
  }),

  endpoint({
    method: 'GET',
    path: `${path}/{name}`,
    policy: 'get_metadef_property',
    status: 200,
    load: (call) => namespaceFor(call, 'get_metadef_property', call.params.namespace),
    target: targetOf,
    handler: async (call) => {
      const { service, resource, params, query } = call;
      const resourceType = last(query.resource_type);
      const name = resourceType ? await withoutPrefix(call, resourceType, params.name) : params.name;
      return viewProperty(await find(service, resource, name));
    },
  }),

  endpoint({
    method: 'PUT',
    path: `${path}/{name}`,
    policy: 'modify_metadef_property',
    status: 200,
    load: (call) => namespaceFor(call, 'modify_metadef_property', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, params, body }) => {
      const property = propertyOf(readBody(body, service.metadefSchemas.propertySchema, timestamps));
      const before = await find(service, resource, params.name);
      const changed = await service.metadefProperties.update(before, property);
      if (changed === 'gone') throw noSuchProperty(params.name);
      if (changed === 'duplicate') throw propertyExists(resource.namespace, property.name);
      return viewProperty(changed);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: `${path}/{name}`,
    policy: 'remove_metadef_property',
    status: 204,
    load: (call) => namespaceFor(call, 'remove_metadef_property', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, params }) => {
      const { name } = await find(service, resource, params.name);
      if (resource.protected)
        throw forbidden(`Metadata definition property ${name} is protected and cannot be deleted.`);
      await service.metadefProperties.remove(resource.id, name);
    },
  }),
];

/** The name of a property that on resources of a type has a prefix. */
async function withoutPrefix(
  call: Pick<Call<Image, unknown, undefined, Namespace>, 'service' | 'resource' | 'enforce'>,
  resourceType: string,
  name: string,
): Promise<string> {
  const { service, resource } = call;
  call.enforce('get_metadef_resource_type', targetOf(resource));
  const types = await service.resourceTypes.list();
  if (!types.some((type) => type.name === resourceType)) throw noSuchResourceType(resourceType);
  const associations = await service.resourceTypes.associations([resource.id]);
  const association = associations.find((a) => a.name === resourceType);
  if (!association) throw noSuchAssociation(resource.namespace, resourceType);
  const { prefix } = association;
  if (prefix === null || !name.startsWith(prefix))
    throw notFound(
      `Property ${name} does not start with the expected resource type association prefix of '${prefix ?? 'None'}'.`,
    );
  return name.slice(prefix.length);
}

async function find(service: Image, namespace: Namespace, name: string): Promise<Definition<Property>> {
  const found = await service.metadefProperties.find(namespace.id, name);
  if (!found) throw noSuchProperty(name);
  return found;
}

const noSuchProperty = (name: string) => notFound(`Could not find property ${name}`);

const propertyExists = (namespace: string, name: string) =>
  conflict(`A metadata definition property with name=${name} already exists in namespace=${namespace}.`);
