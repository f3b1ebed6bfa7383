import { endpointOf } from '#kit/http/endpoint.ts';

import { imageSchema, imagesSchema } from '../images/schema.ts';
import { memberSchema, membersSchema } from '../members/schema.ts';
import { namespaceSchema, namespacesSchema } from '../metadefs/namespaces/schema.ts';
import { objectSchema, objectsSchema } from '../metadefs/objects/schema.ts';
import { propertiesSchema, propertySchema } from '../metadefs/properties/schema.ts';
import { associationSchema, associationsSchema } from '../metadefs/resource-types/schema.ts';
import { tagSchema, tagsSchema } from '../metadefs/tags/schema.ts';
import type { Image } from '../service.ts';
import { taskSchema, tasksSchema } from '../tasks/schema.ts';
import type { JsonSchema } from './collection.ts';

const endpoint = endpointOf<Image>();

const schemaEndpoint = (name: string, schemaOf: (service: Image) => JsonSchema) =>
  endpoint({
    method: 'GET',
    path: `/schemas/${name}`,
    policy: null,
    status: 200,
    handler: ({ service }) => schemaOf(service),
  });

/** https://docs.openstack.org/api-ref/image/v2/#image-schemas */
export const schemaEndpoints = [
  schemaEndpoint('image', ({ options }) => imageSchema(options)),
  schemaEndpoint('images', ({ options }) => imagesSchema(options)),
  schemaEndpoint('member', () => memberSchema),
  schemaEndpoint('members', () => membersSchema),
  schemaEndpoint('task', () => taskSchema),
  schemaEndpoint('tasks', () => tasksSchema),
  schemaEndpoint('metadefs/namespace', () => namespaceSchema),
  schemaEndpoint('metadefs/namespaces', () => namespacesSchema),
  schemaEndpoint('metadefs/resource_type', () => associationSchema),
  schemaEndpoint('metadefs/resource_types', () => associationsSchema),
  schemaEndpoint('metadefs/property', () => propertySchema),
  schemaEndpoint('metadefs/properties', () => propertiesSchema),
  schemaEndpoint('metadefs/object', () => objectSchema),
  schemaEndpoint('metadefs/objects', () => objectsSchema),
  schemaEndpoint('metadefs/tag', () => tagSchema),
  schemaEndpoint('metadefs/tags', () => tagsSchema),
];
