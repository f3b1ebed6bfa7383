import { collectionSchema, type JsonSchema } from '../../schemas/collection.ts';
import { definitions, readOnlyText, timestamp } from '../definitions.ts';

const item: JsonSchema = {
  name: 'object',
  properties: {
    name: { type: 'string', maxLength: 80 },
    description: { type: 'string' },
    required: { $ref: '#/definitions/stringArray' },
    properties: { $ref: '#/definitions/property' },
    schema: readOnlyText,
    self: readOnlyText,
    created_at: timestamp('Date and time of object creation'),
    updated_at: timestamp('Date and time of the last object modification'),
  },
  additionalProperties: false,
  required: ['name'],
};

/** The schema of an object (glance/api/v2/metadef_objects.py). */
export const objectSchema: JsonSchema = { ...item, definitions };

/** The schema of the objects of a namespace. */
export const objectsSchema: JsonSchema = { ...collectionSchema('objects', item), definitions };
