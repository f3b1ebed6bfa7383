import type { Values } from '#kit/config/options.ts';
import { badRequest, forbidden } from '#kit/errors/cloud-error.ts';
import { newUuid } from '#kit/ids/ids.ts';

import type { imageOptions } from '../options.ts';
import {
  checkMinimum,
  checkPropertyCount,
  checkTagCount,
  isReserved,
  readOnlyAttribute,
} from './attributes.ts';
import type { NewImage, Properties, Visibility } from './record.ts';

/** A request to make an image. */
export interface CreateRequest {
  readonly attributes: Attributes;
  readonly properties: Properties;
  readonly tags: readonly string[];
}

interface Attributes {
  readonly id?: string;
  readonly name?: string | null;
  readonly visibility?: Visibility;
  readonly owner?: string | null;
  readonly disk_format?: string | null;
  readonly container_format?: string | null;
  readonly min_disk?: number;
  readonly min_ram?: number;
  readonly protected?: boolean;
  readonly os_hidden?: boolean;
}

const given = new Set([
  'id',
  'name',
  'visibility',
  'owner',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'protected',
  'os_hidden',
]);
const linked = ['direct_url', 'self', 'file', 'schema', 'stores'];
const computed = [
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'os_hash_algo',
  'os_hash_value',
];

/** Refuses attributes that only answers have; done before the body is held against the schema. */
export function refuseLinks(body: object): void {
  const found = linked.find((name) => name in body);
  if (found !== undefined) throw readOnlyAttribute(found);
}

/** Parts a body that matches the schema. Throws `forbidden` for names that callers may not use. */
export function readCreateRequest(body: Readonly<Record<string, unknown>>): CreateRequest {
  const { tags = [], ...rest } = body as { tags?: string[] };
  const entries = Object.entries(rest as Record<string, unknown>);
  const properties = entries.filter(([name]) => !given.has(name) && !computed.includes(name));
  for (const [name] of properties) {
    if (name.length > 255) throw badRequest('Custom property should not be greater than 255 characters.');
    const words = `Attribute '${name}' is reserved.`;
    if (isReserved(name)) throw forbidden(words, { detail: words });
    if (name === 'locations') throw forbidden(words);
  }
  const readOnly = computed.find((name) => name in body);
  if (readOnly !== undefined) throw readOnlyAttribute(readOnly);
  return {
    attributes: Object.fromEntries(entries.filter(([name]) => given.has(name))) as Attributes,
    properties: Object.fromEntries(properties) as Properties,
    tags: [...new Set(tags)],
  };
}

/** The image a request makes. Throws for values and numbers of them that are out of bounds. */
export function newImageOf(
  { attributes, properties, tags }: CreateRequest,
  owner: string | null,
  options: Values<typeof imageOptions>,
): NewImage {
  const { min_disk = 0, min_ram = 0 } = attributes;
  checkTagCount(tags, options);
  checkMinimum('min_disk', min_disk);
  checkMinimum('min_ram', min_ram);
  checkPropertyCount(properties, options);
  return {
    id: attributes.id ?? newUuid(),
    name: attributes.name ?? null,
    visibility: attributes.visibility ?? 'shared',
    owner,
    diskFormat: attributes.disk_format ?? null,
    containerFormat: attributes.container_format ?? null,
    minDisk: min_disk,
    minRam: min_ram,
    protected: attributes.protected ?? false,
    hidden: attributes.os_hidden ?? false,
    properties,
    tags,
  };
}
