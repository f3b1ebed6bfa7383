import { badRequest, conflict } from '#kit/errors/cloud-error.ts';

import type { Image } from '../../service.ts';
import { type Body, type Property, readProperties } from '../bodies.ts';
import type { NewDefinition } from '../content-store.ts';
import { type ObjectContent, objectOf } from '../objects/view.ts';
import type { NewAssociation } from '../resource-types/store.ts';
import type { TagContent } from '../tags/view.ts';
import type { Namespace, NamespaceFields } from './store.ts';
import type { Contents } from './view.ts';

/** What a new namespace is to contain. */
export interface NewContents {
  readonly properties: readonly NewDefinition<Property>[];
  readonly objects: readonly NewDefinition<ObjectContent>[];
  readonly tags: readonly NewDefinition<TagContent>[];
}

/** What a request puts into a new namespace. Throws `badRequest` for what has no name, `conflict` for names given twice. */
export function readContents(body: Body): NewContents {
  const namespace = body.namespace as string;
  const objects = ((body.objects ?? []) as Body[]).map((object) => objectOf(named(object)));
  const tags = ((body.tags ?? []) as Body[]).map((tag) => ({ name: named(tag).name as string, content: {} }));
  const object = duplicate(objects);
  if (object !== undefined)
    throw conflict(
      `A metadata definition object with name=${object} already exists in namespace=${namespace}.`,
    );
  const tag = duplicate(tags);
  if (tag !== undefined)
    throw conflict(
      `A metadata tag with name=${tag} already exists in namespace=${namespace}. (Please note that metadata tag names are case insensitive).`,
    );
  const properties = Object.entries(readProperties(body.properties)).map(([name, content]) => ({
    name,
    content,
  }));
  return { properties, objects, tags };
}

function named(body: Body): Body {
  if (body.name === undefined) throw badRequest('Mandatory field missing: name');
  return body;
}

/** The first name that is there twice. */
function duplicate(definitions: readonly { readonly name: string }[]): string | undefined {
  const names = new Set<string>();
  return definitions.find(({ name }) => names.size === names.add(name).size)?.name;
}

/** Makes a namespace with all it contains; undefined when its name is taken. */
export async function createContents(
  service: Image,
  fields: NamespaceFields,
  { properties, objects, tags }: NewContents,
  associations: readonly NewAssociation[],
): Promise<Namespace | undefined> {
  const twice = duplicate(associations);
  if (twice !== undefined)
    throw conflict(
      `The metadata definition resource-type association of resource-type=${twice} to namespace=${fields.namespace} already exists.`,
    );
  return service.namespaces.insert(fields, async (trx, { id }) => {
    for (const association of associations) await service.resourceTypes.associateIn(trx, id, association);
    await service.metadefObjects.insertIn(trx, id, objects);
    await service.metadefProperties.insertIn(trx, id, properties);
    await service.metadefTags.insertIn(trx, id, tags);
  });
}

/** All a namespace contains, the newest tag first, as Glance lists them. */
export async function contentsOf(service: Image, { id }: Namespace): Promise<Contents> {
  const [associations, properties, objects, tags] = await Promise.all([
    service.resourceTypes.associations([id]),
    service.metadefProperties.list(id),
    service.metadefObjects.list(id),
    service.metadefTags.list(id, { direction: 'desc' }),
  ]);
  return { associations, properties, objects, tags };
}
