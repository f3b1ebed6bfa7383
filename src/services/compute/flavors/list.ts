import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';

import { nameMatcher } from '../name-filter.ts';
import { integerFilter, lastOf, type PageRequest, readBoolean } from '../query.ts';
import type { Flavor, Flavors } from './store.ts';

/** Who lists flavors: an administrator sees all, others those that are public or meant for their project. */
export interface FlavorReader {
  readonly admin: boolean;
  readonly projectId: string | undefined;
}

/** Whether the reader may use a flavor at all. */
export const mayUse = (flavor: Flavor, reader: FlavorReader): boolean =>
  reader.admin || flavor.isPublic || isFor(flavor, reader);

/** Whether a flavor was given to the reader's project. */
export const isFor = (flavor: Flavor, reader: FlavorReader): boolean =>
  reader.projectId !== undefined && flavor.projects.includes(reader.projectId);

/** The page of flavors that a query asks for, as nova's FlavorList.get_all. Throws `badRequest` for an unusable filter or marker. */
export function selectFlavors(
  flavors: Flavors,
  reader: FlavorReader,
  query: Query,
  page: PageRequest,
): Flavor[] {
  const order = orderOf(lastOf(query, 'sort_key') ?? 'flavorid', lastOf(query, 'sort_dir') ?? 'asc');
  const filters = [isPublicFilter(reader, query), ...sizeFilters(query)];
  const name = lastOf(query, 'name');
  if (name !== undefined) {
    const matches = nameMatcher('name', name);
    filters.push((f) => matches(f.name));
  }
  const marker = page.marker === undefined ? undefined : findMarker(flavors, reader, page.marker);
  return flavors
    .filter((f) => mayUse(f, reader) && filters.every((wanted) => wanted(f)))
    .sort(order)
    .filter((f) => !marker || order(f, marker) > 0)
    .slice(0, page.limit);
}

type Filter = (flavor: Flavor) => boolean;

/** Only administrators may choose; everybody else, and whoever does not, is shown the public ones and their project's. */
function isPublicFilter(reader: FlavorReader, query: Query): Filter {
  const text = reader.admin ? lastOf(query, 'is_public') : undefined;
  if (text?.toLowerCase() === 'none') return () => true;
  const wanted = text === undefined ? true : readBoolean(text);
  if (wanted === undefined) throw badRequest(`Invalid is_public filter [${text}]`);
  return wanted ? (f) => f.isPublic || isFor(f, reader) : (f) => !f.isPublic;
}

function sizeFilters(query: Query): Filter[] {
  const minRam = integerFilter(query, 'minRam') ?? -Infinity;
  const minDisk = integerFilter(query, 'minDisk') ?? -Infinity;
  return [(f) => f.memoryMb >= minRam, (f) => f.rootGb >= minDisk];
}

function findMarker(flavors: Flavors, reader: FlavorReader, flavorId: string): Flavor {
  const marker = flavors.find((f) => f.flavorId === flavorId && mayUse(f, reader));
  if (!marker) throw badRequest(`marker [${flavorId}] not found`);
  return marker;
}

type SortValue = string | number | boolean | null;

/** What the sort keys of the API stand for. Nothing sets `disabled` and `vcpu_weight`: all flavors are equal in them. */
const sortValues: Readonly<Record<string, (flavor: Flavor) => SortValue>> = {
  created_at: (f) => f.createdAt,
  description: (f) => f.description,
  disabled: () => null,
  ephemeral_gb: (f) => f.ephemeralGb,
  flavorid: (f) => f.flavorId,
  id: (f) => f.id,
  is_public: (f) => f.isPublic,
  memory_mb: (f) => f.memoryMb,
  name: (f) => f.name,
  root_gb: (f) => f.rootGb,
  rxtx_factor: (f) => f.rxtxFactor,
  swap: (f) => f.swapMb,
  updated_at: (f) => f.updatedAt,
  vcpu_weight: () => null,
  vcpus: (f) => f.vcpus,
};

/** Orders by one key, equals by internal id; both turn with the direction. */
function orderOf(key: string, direction: string): (a: Flavor, b: Flavor) => number {
  const value = sortValues[key]!;
  const sign = direction === 'desc' ? -1 : 1;
  return (a, b) => sign * (compare(value(a), value(b)) || a.id - b.id);
}

/** Null comes first, as in the database. */
function compare(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
