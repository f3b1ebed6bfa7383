import type { JsonSchema } from '../schemas/collection.ts';

/** Parts of the schemas of metadata definitions (glance/api/v2/metadef_namespaces.py, get_schema_definitions). */

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string', null];

const amount = { $ref: '#/definitions/positiveInteger' };
const amountOr0 = { $ref: '#/definitions/positiveIntegerDefault0' };

/** What describes one property. */
export const propertyFields: Readonly<Record<string, JsonSchema>> = {
  name: { type: 'string', maxLength: 80 },
  title: { type: 'string' },
  description: { type: 'string' },
  operators: { type: 'array', items: { type: 'string' } },
  type: { type: 'string', enum: types },
  required: { $ref: '#/definitions/stringArray' },
  minimum: { type: 'number' },
  maximum: { type: 'number' },
  maxLength: amount,
  minLength: amountOr0,
  pattern: { type: 'string', format: 'regex' },
  enum: { type: 'array' },
  readonly: { type: 'boolean' },
  default: {},
  items: {
    type: 'object',
    properties: { type: { type: 'string', enum: types }, enum: { type: 'array' } },
  },
  maxItems: amount,
  minItems: amountOr0,
  uniqueItems: { type: 'boolean', default: false },
  additionalItems: { type: 'boolean' },
};

const numbers = {
  positiveInteger: { type: 'integer', minimum: 0 },
  positiveIntegerDefault0: { allOf: [{ $ref: '#/definitions/positiveInteger' }, { default: 0 }] },
};

/** What the schema of a property refers to. */
export const propertyDefinitions: JsonSchema = {
  ...numbers,
  stringArray: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
};

/** What the schemas of namespaces and objects refer to. */
export const definitions: JsonSchema = {
  ...numbers,
  stringArray: { type: 'array', items: { type: 'string' }, uniqueItems: true },
  property: {
    type: 'object',
    additionalProperties: { type: 'object', required: ['title', 'type'], properties: propertyFields },
  },
};

/** A link in an answer, e.g. `self`: requests that have one are refused before the schema is asked. */
export const readOnlyText: JsonSchema = { readOnly: true, type: 'string' };

/** When something of a kind was made or changed. */
export const timestamp = (description: string): JsonSchema => ({
  type: 'string',
  readOnly: true,
  description,
  format: 'date-time',
});
