import { type Body, type Property, readProperty } from '../bodies.ts';
import type { Definition, NewDefinition } from '../content-store.ts';

/** A property as a request writes it. */
export const propertyOf = (body: Body): NewDefinition<Property> => ({
  name: body.name as string,
  content: readProperty(body),
});

/** A property as the API shows it by itself. */
export const viewProperty = ({ name, content }: Definition<Property>) => ({ ...content, name });

/** The properties of a namespace, under their names. */
export const viewProperties = (properties: readonly Definition<Property>[]) => ({
  properties: Object.fromEntries(properties.map(({ name, content }) => [name, content])),
});
