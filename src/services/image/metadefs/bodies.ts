import { badRequest } from '#kit/errors/cloud-error.ts';

import { readOnlyAttribute } from '../images/attributes.ts';
import type { ObjectSchema } from '../schemas/object-schema.ts';
import { propertyFields } from './definitions.ts';

/** A JSON object that a request sent; once it matches its schema, the fields are of the types that says. */
export type Body = Readonly<Record<string, unknown>>;

/** A body that matches its schema. Throws `forbidden` for what only answers have, `badRequest` for what does not match. */
export function readBody(body: unknown, schema: ObjectSchema, readOnly: readonly string[]): Body {
  if (body === undefined) throw badRequest('Body expected in request.');
  if (typeof body === 'object' && body !== null) {
    const found = readOnly.find((name) => name in body);
    if (found !== undefined) throw readOnlyAttribute(found);
  }
  schema.check(body);
  return body as Body;
}

/** Fields of answers that no request may have. */
export const timestamps = ['created_at', 'updated_at'];
/** The same for kinds whose answers also link to themselves: namespaces and objects. */
export const generated = ['self', 'schema', ...timestamps];

/** What describes a property besides `name`: every field as the schema knows it, the default as text. */
export type Property = Body;

/** A property as it is kept. Throws `badRequest` for fields nobody knows. */
export function readProperty(body: Body): Property {
  const unknown = Object.keys(body).find((name) => name === 'required' || !Object.hasOwn(known, name));
  if (unknown !== undefined) throw badRequest(`Unknown attribute: ${unknown}`);
  const { default: value } = body;
  return value === undefined ? body : { ...body, default: textOf(value) };
}

const known: Body = { ...propertyFields, confidential: true };

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  throw badRequest(`Invalid input for field/attribute default. Value: '${JSON.stringify(value)}'.`);
};

/** All properties of a body. */
export const readProperties = (properties: unknown): Readonly<Record<string, Property>> =>
  Object.fromEntries(
    Object.entries((properties ?? {}) as Record<string, Body>).map(([name, body]) => [
      name,
      readProperty(body),
    ]),
  );
