import { notFound, isKind } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';

import { type AskingCall, askPeer, segment } from '../peers/ask.ts';
import { lastOf } from '../query.ts';
import type { ImageOnWire } from './view.ts';

/** Path of an image at Image, below its address. */
export const imagePath = (id: string): string => `/v2/images/${segment(id)}`;

/** What Nova says of an image that is not there. */
export const imageNotFound = (cause: unknown) => notFound('Image not found.', undefined, cause);

/** An image the caller sees. Throws `notFound`. */
export async function findImage(call: AskingCall, id: string): Promise<ImageOnWire> {
  try {
    return await askPeer<ImageOnWire>(call, 'image', 'GET', imagePath(id));
  } catch (error) {
    throw isKind(error, 'notFound') ? imageNotFound(error) : error;
  }
}

/** Compute's names of filters that Image has under another. */
const filterNames: ReadonlyMap<string, string> = new Map([
  ['name', 'name'],
  ['status', 'status'],
  ['changes-since', 'updated_at'],
  ['server', 'instance_uuid'],
  ['type', 'image_type'],
  ['minRam', 'min_ram'],
  ['minDisk', 'min_disk'],
]);

const mostAtOnce = 1000;

/** Images the caller sees that match a query, newest first: all of them unless it has a limit. */
export async function listImages(call: AskingCall, query: Query): Promise<ImageOnWire[]> {
  const wanted = Number(lastOf(query, 'limit') ?? 0) || Infinity;
  const first = filtersOf(query);
  first.set('limit', String(Math.min(wanted, mostAtOnce)));
  const images: ImageOnWire[] = [];
  let path: string | undefined = `/v2/images?${first}`;
  while (path !== undefined && images.length < wanted) {
    const page: { images: ImageOnWire[]; next?: string } = await askPeer(call, 'image', 'GET', path);
    images.push(...page.images);
    path = page.next;
  }
  return images.slice(0, wanted);
}

function filtersOf(query: Query): URLSearchParams {
  const filters = new URLSearchParams();
  const marker = lastOf(query, 'marker');
  if (marker) filters.set('marker', marker);
  for (const name of Object.keys(query)) {
    const value = lastOf(query, name)!;
    const filter = name.startsWith('property-') ? name.slice('property-'.length) : filterNames.get(name);
    if (filter !== undefined) filters.set(filter, filterValue(name, value));
  }
  return filters;
}

function filterValue(name: string, value: string): string {
  switch (name) {
    case 'changes-since':
      return `gte:${value}`;
    case 'status':
      return value.toLowerCase();
    case 'server':
      // a link to a server will do
      return value.slice(value.lastIndexOf('/') + 1);
    default:
      return value;
  }
}
