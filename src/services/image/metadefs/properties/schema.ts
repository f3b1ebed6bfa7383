import type { JsonSchema } from '../../schemas/collection.ts';
import { propertyDefinitions, propertyFields } from '../definitions.ts';

const item = (required: readonly string[]): JsonSchema => ({
  name: 'property',
  properties: propertyFields,
  additionalProperties: false,
  required,
});

/** The schema of a property (glance/api/v2/metadef_properties.py). */
export const propertySchema: JsonSchema = {
  ...item(['type', 'title', 'name']),
  definitions: propertyDefinitions,
};

/** The schema of a property that stands under its name. */
export const namedPropertySchema: JsonSchema = {
  ...item(['type', 'title']),
  definitions: propertyDefinitions,
};

/** The schema of the properties of a namespace, which stand under their names. */
export const propertiesSchema: JsonSchema = {
  name: 'properties',
  properties: {
    properties: { type: 'object', additionalProperties: item(['type', 'title']) },
    first: { type: 'string' },
    next: { type: 'string' },
    schema: { type: 'string' },
  },
  links: [
    { rel: 'first', href: '{first}' },
    { rel: 'next', href: '{next}' },
    { rel: 'describedby', href: '{schema}' },
  ],
  definitions: propertyDefinitions,
};
