import { isoSeconds } from '#kit/clock/clock.ts';

import type { Property } from '../bodies.ts';
import type { Definition } from '../content-store.ts';
import { type ObjectContent, viewObject } from '../objects/view.ts';
import { viewProperties } from '../properties/view.ts';
import type { Association } from '../resource-types/store.ts';
import { viewAssociation } from '../resource-types/view.ts';
import { type TagContent, viewTags } from '../tags/view.ts';
import type { Namespace } from './store.ts';

/** What is in a namespace. */
export interface Contents {
  readonly associations: readonly Association[];
  readonly properties: readonly Definition<Property>[];
  readonly objects: readonly Definition<ObjectContent>[];
  readonly tags: readonly Definition<TagContent>[];
}

/** The path of a namespace, not yet escaped: names may hold any character. */
export const namespacePath = (namespace: string): string => `/v2/metadefs/namespaces/${namespace}`;

/** A namespace as the API shows it; of what is in it only what there is some of. */
export const viewNamespace = (namespace: Namespace, contents: Partial<Contents> = {}) => {
  const { associations = [], properties = [], objects = [], tags = [] } = contents;
  return {
    namespace: namespace.namespace,
    ...(namespace.displayName !== null && { display_name: namespace.displayName }),
    ...(namespace.description !== null && { description: namespace.description }),
    visibility: namespace.visibility,
    protected: namespace.protected,
    ...(namespace.owner !== null && { owner: namespace.owner }),
    created_at: isoSeconds(namespace.createdAt),
    updated_at: isoSeconds(namespace.updatedAt),
    ...(associations.length > 0 && { resource_type_associations: associations.map(viewAssociation) }),
    ...(properties.length > 0 && viewProperties(properties)),
    ...(objects.length > 0 && {
      objects: objects.map((object) => viewObject(namespace.namespace, object)),
    }),
    ...(tags.length > 0 && viewTags(tags)),
    self: namespacePath(namespace.namespace),
    schema: '/v2/schemas/metadefs/namespace',
  };
};

/** What is in a namespace, as it is called on resources of a type whose properties have a prefix. */
export function prefixed(contents: Contents, resourceType: string): Contents {
  const prefix = contents.associations.find(({ name }) => name === resourceType)?.prefix;
  if (!prefix) return contents;
  return {
    ...contents,
    properties: contents.properties.map((property) => ({ ...property, name: prefix + property.name })),
    objects: contents.objects.map(({ content, ...object }) => ({
      ...object,
      content: {
        ...content,
        required: content.required.map((name) => prefix + name),
        properties: Object.fromEntries(
          Object.entries(content.properties).map(([name, property]) => [prefix + name, property]),
        ),
      },
    })),
  };
}
