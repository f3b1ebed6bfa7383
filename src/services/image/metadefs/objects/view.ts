import { isoSeconds } from '#kit/clock/clock.ts';

import type { Body, Property } from '../bodies.ts';
import { readProperties } from '../bodies.ts';
import type { Definition, NewDefinition } from '../content-store.ts';

/** What an object says besides its name. */
export interface ObjectContent {
  readonly description: string | null;
  /** Names of properties that must be there. */
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
}

/** An object as a request writes it. */
export const objectOf = (body: Body): NewDefinition<ObjectContent> => ({
  name: body.name as string,
  content: {
    description: (body.description as string | undefined) ?? null,
    required: (body.required as string[] | undefined) ?? [],
    properties: readProperties(body.properties),
  },
});

/** An object as the API shows it. */
export const viewObject = (namespace: string, { name, content, ...times }: Definition<ObjectContent>) => ({
  name,
  required: content.required,
  ...(content.description !== null && { description: content.description }),
  properties: content.properties,
  created_at: isoSeconds(times.createdAt),
  updated_at: isoSeconds(times.updatedAt),
  self: `/v2/metadefs/namespaces/${namespace}/objects/${name}`,
  schema: '/v2/schemas/metadefs/object',
});

/** The objects of a namespace. */
export const viewObjects = (namespace: string, objects: readonly Definition<ObjectContent>[]) => ({
  objects: objects.map((object) => viewObject(namespace, object)),
  schema: 'v2/schemas/metadefs/objects',
});
