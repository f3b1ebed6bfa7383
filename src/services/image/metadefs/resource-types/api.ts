import { conflict, forbidden, notFound } from '#kit/errors/cloud-error.ts';
import { endpointOf } from '#kit/http/endpoint.ts';

import type { Image } from '../../service.ts';
import { type Body, readBody, timestamps } from '../bodies.ts';
import { namespaceFor, noSuchNamespace, targetOf } from '../lookup.ts';
import type { NewAssociation } from './store.ts';
import { viewAssociation, viewAssociations, viewResourceTypes } from './view.ts';

const endpoint = endpointOf<Image>();

const path = '/metadefs/namespaces/{namespace}/resource_types';

/** https://docs.openstack.org/api-ref/image/v2/metadefs-index.html#metadata-definition-resource-types */
export const resourceTypeEndpoints = [
  endpoint({
    method: 'GET',
    path: '/metadefs/resource_types',
    policy: 'list_metadef_resource_types',
    status: 200,
    handler: async ({ service }) => viewResourceTypes(await service.resourceTypes.list()),
  }),

  endpoint({
    method: 'GET',
    path,
    policy: 'list_metadef_resource_types',
    status: 200,
    load: (call) => namespaceFor(call, 'list_metadef_resource_types', call.params.namespace),
    target: targetOf,
    handler: async (call) => {
      const { service, resource } = call;
      const isSeen = call.allows('get_metadef_resource_type', targetOf(resource));
      return viewAssociations(isSeen ? await service.resourceTypes.associations([resource.id]) : []);
    },
  }),

  endpoint({
    method: 'POST',
    path,
    policy: 'add_metadef_resource_type_association',
    status: 201,
    load: (call) => namespaceFor(call, 'add_metadef_resource_type_association', call.params.namespace),
    target: targetOf,
    body: 'json',
    handler: async ({ service, resource, body }) => {
      const wanted = associationOf(readBody(body, service.metadefSchemas.associationSchema, timestamps));
      const made = await service.resourceTypes.associate(resource.id, wanted);
      if (made === 'duplicate')
        throw conflict(
          `The metadata definition resource-type association of resource-type=${wanted.name} to namespace=${resource.namespace} already exists.`,
        );
      if (made === 'no namespace') throw notFound(noSuchNamespace(resource.namespace));
      return viewAssociation(made);
    },
  }),

  endpoint({
    method: 'DELETE',
    path: `${path}/{name}`,
    policy: 'remove_metadef_resource_type_association',
    status: 204,
    load: (call) => namespaceFor(call, 'remove_metadef_resource_type_association', call.params.namespace),
    target: targetOf,
    handler: async ({ service, resource, params: { name } }) => {
      if (resource.protected)
        throw forbidden(
          `Metadata definition resource-type-association ${name} is protected and cannot be deleted.`,
        );
      if (!(await service.resourceTypes.dissociate(resource.id, name)))
        throw notFound(`Failed to find resource type ${name} to delete`);
    },
  }),
];

/** An association as a request writes it. */
export const associationOf = (body: Body): NewAssociation => ({
  name: body.name as string,
  prefix: (body.prefix as string | undefined) ?? null,
  propertiesTarget: (body.properties_target as string | undefined) ?? null,
});
