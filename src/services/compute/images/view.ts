import type { RequestInfo } from '#kit/http/endpoint.ts';

import { linksTo } from '../links.ts';
import { readBoolean } from '../query.ts';

/** An image as Image shows it: its properties stand beside its attributes. */
export type ImageOnWire = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly size: number | null;
  readonly min_ram: number | null;
  readonly min_disk: number | null;
  readonly created_at: string;
  readonly updated_at: string;
};

/** What an image has that is no property, as Glance's schema tells them apart. */
const attributes = new Set([
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'os_hidden',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'owner',
  'size',
  'virtual_size',
  'container_format',
  'disk_format',
  'created_at',
  'updated_at',
  'tags',
  'direct_url',
  'min_ram',
  'min_disk',
  'self',
  'file',
  'stores',
  'schema',
  'locations',
]);

/** Properties that hold JSON. */
const structured = new Set(['block_device_mapping', 'mappings']);

/** An image's properties as Image keeps them. */
export const propertiesOf = (image: ImageOnWire): Record<string, unknown> =>
  Object.fromEntries(Object.entries(image).filter(([name]) => !attributes.has(name)));

/** What Compute shows as an image's metadata. */
export const metadataOf = (image: ImageOnWire): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(propertiesOf(image)).map(([name, value]) => [
      name,
      structured.has(name) ? parsed(value) : value,
    ]),
  );

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const statuses: Readonly<Record<string, string>> = {
  active: 'ACTIVE',
  queued: 'SAVING',
  saving: 'SAVING',
  deleted: 'DELETED',
  pending_delete: 'DELETED',
  killed: 'ERROR',
};

const progress: Readonly<Record<string, number>> = { queued: 25, saving: 50, active: 100 };

/** An image in the short list. `imageUrl` is where Image is reached. */
export const viewImageBriefly = (image: ImageOnWire, request: RequestInfo, imageUrl: string) => ({
  id: image.id,
  name: image.name,
  links: [
    ...linksTo(request, 'images', image.id),
    { rel: 'alternate', type: 'application/vnd.openstack.image', href: `${imageUrl}/images/${image.id}` },
  ],
});

/** An image in full. */
export function viewImage(image: ImageOnWire, request: RequestInfo, imageUrl: string) {
  const metadata = metadataOf(image);
  const { instance_uuid: server, auto_disk_config: autoDisk } = metadata;
  return {
    ...viewImageBriefly(image, request, imageUrl),
    minRam: image.min_ram ?? 0,
    minDisk: image.min_disk ?? 0,
    metadata,
    created: image.created_at,
    updated: image.updated_at,
    status: statuses[image.status] ?? 'UNKNOWN',
    progress: progress[image.status] ?? 0,
    'OS-EXT-IMG-SIZE:size': image.size ?? 0,
    ...(typeof server === 'string' && {
      server: { id: server, links: linksTo(request, 'servers', server) },
    }),
    ...(typeof autoDisk === 'string' && {
      'OS-DCF:diskConfig': readBoolean(autoDisk) ? 'AUTO' : 'MANUAL',
    }),
  };
}
