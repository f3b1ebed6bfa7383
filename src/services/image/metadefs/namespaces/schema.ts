import { collectionSchema, type JsonSchema } from '../../schemas/collection.ts';
import { definitions, readOnlyText, timestamp } from '../definitions.ts';

const list = (properties: JsonSchema): JsonSchema => ({
  type: 'array',
  items: { type: 'object', properties },
});
const name = { type: 'string' };
const property = { $ref: '#/definitions/property' };

const item: JsonSchema = {
  name: 'namespace',
  properties: {
    namespace: { type: 'string', description: 'The unique namespace text.', maxLength: 80 },
    display_name: {
      type: 'string',
      description: 'The user friendly name for the namespace. Used by UI if available.',
      maxLength: 80,
    },
    description: {
      type: 'string',
      description: 'Provides a user friendly description of the namespace.',
      maxLength: 500,
    },
    visibility: {
      type: 'string',
      description: 'Scope of namespace accessibility.',
      enum: ['public', 'private'],
    },
    protected: { type: 'boolean', description: 'If true, namespace will not be deletable.' },
    owner: { type: 'string', description: 'Owner of the namespace.', maxLength: 255 },
    created_at: timestamp('Date and time of namespace creation'),
    updated_at: timestamp('Date and time of the last namespace modification'),
    schema: readOnlyText,
    self: readOnlyText,
    resource_type_associations: list({
      name,
      prefix: { type: 'string' },
      properties_target: { type: 'string' },
    }),
    properties: property,
    objects: list({
      name,
      description: { type: 'string' },
      required: { $ref: '#/definitions/stringArray' },
      properties: property,
    }),
    tags: list({ name }),
  },
  additionalProperties: false,
  required: ['namespace'],
};

/** The schema of a namespace (glance/api/v2/metadef_namespaces.py). */
export const namespaceSchema: JsonSchema = { ...item, definitions };

/** The schema of a list of namespaces. */
export const namespacesSchema: JsonSchema = { ...collectionSchema('namespaces', item), definitions };
