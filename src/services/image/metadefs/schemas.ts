import { ObjectSchema } from '../schemas/object-schema.ts';
import { namespaceSchema } from './namespaces/schema.ts';
import { objectSchema } from './objects/schema.ts';
import { namedPropertySchema, propertySchema } from './properties/schema.ts';
import { associationSchema } from './resource-types/schema.ts';
import { newTagsSchema, tagSchema } from './tags/schema.ts';

/** What bodies of requests for metadata definitions must match. */
export const metadefSchemas = {
  namespaceSchema: new ObjectSchema('namespace', namespaceSchema),
  objectSchema: new ObjectSchema('object', objectSchema),
  propertySchema: new ObjectSchema('property', propertySchema),
  namedPropertySchema: new ObjectSchema('property', namedPropertySchema),
  associationSchema: new ObjectSchema('resource_type_association', associationSchema),
  tagSchema: new ObjectSchema('tag', tagSchema),
  newTagsSchema: new ObjectSchema('tags', newTagsSchema),
};
