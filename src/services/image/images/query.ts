import type { SortKey } from '#kit/db/keyset.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import type { Query } from '#kit/http/endpoint.ts';

import { type Condition, conditionsOf } from './filters.ts';
import type { ImageRecord } from './record.ts';

/** Whose view of the images it is. */
export interface Viewer {
  readonly projectId: string | undefined;
  readonly admin: boolean;
}

const visibilities = ['community', 'public', 'private', 'shared', 'all'] as const;
const memberStatuses = ['pending', 'accepted', 'rejected', 'all'] as const;

/** Which images of those that a viewer may see, and in what order. */
export interface ImageQuery {
  readonly conditions: readonly Condition[];
  readonly visibility: (typeof visibilities)[number] | undefined;
  /** What a viewer must have said to a share for the image to be listed. */
  readonly memberStatus: (typeof memberStatuses)[number];
  /** Properties by name and value. */
  readonly properties: readonly (readonly [string, string])[];
  readonly tags: readonly string[];
  readonly sort: readonly SortKey[];
  readonly marker: ImageRecord | undefined;
  readonly limit: number;
}

/** The parameters of a list request, read; the marker is still an id, and the limit may be left out. */
export type ListRequest = Omit<ImageQuery, 'marker' | 'limit'> & {
  readonly marker: string | undefined;
  readonly limit: number | undefined;
};

/** What a request without parameters asks for. */
export const plainQuery = {
  ...conditionsOf([]),
  visibility: undefined,
  memberStatus: 'accepted',
  tags: [],
  sort: [
    { column: 'created_at', direction: 'desc' },
    { column: 'id', direction: 'desc' },
  ],
  marker: undefined,
} as const satisfies Omit<ImageQuery, 'limit'>;

/** Whether a query asks for nothing in particular. */
export const isPlain = (query: ImageQuery): boolean => query.conditions === plainQuery.conditions;

/** Parameters that are no filters. */
const notFilters = new Set([
  'limit',
  'marker',
  'member_status',
  'visibility',
  'tag',
  'sort',
  'sort_key',
  'sort_dir',
]);

/** Reads the parameters of a list of images as Glance does. Throws `badRequest` in its words. */
export function readListRequest(query: Query): ListRequest {
  const { limit: asked, ...others } = query;
  if (Object.keys(others).length === 0)
    return { ...plainQuery, limit: asked === undefined ? undefined : readLimit(last(asked)!) };
  const visibility = last(query.visibility);
  if (visibility && !isOneOf(visibilities, visibility))
    throw badRequest(`Invalid visibility value: ${visibility}`);
  if (last(query['changes-since']))
    throw badRequest('The "changes-since" filter is no longer available on v2.');
  const memberStatus = last(query.member_status) ?? 'accepted';
  if (!isOneOf(memberStatuses, memberStatus)) throw badRequest(`Invalid status: ${memberStatus}`);
  const limit = last(query.limit);
  const filters = Object.entries(query)
    .filter(([name]) => !notFilters.has(name))
    .map(([name, value]) => [name, last(value)!] as const);
  return {
    ...conditionsOf(filters),
    visibility: (visibility || undefined) as ImageQuery['visibility'],
    memberStatus,
    tags: all(query.tag).map((tag) => tag.trim()),
    sort: readSort(query),
    marker: last(query.marker),
    limit: limit === undefined ? undefined : readLimit(limit),
  };
}

/** Reads a `limit`, which must be an integer that is not negative. */
export function readLimit(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw badRequest('limit param must be an integer');
  const limit = Number(text);
  if (limit < 0) throw badRequest('limit param must be positive');
  return limit;
}

const sortable = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const;

/** Either `sort=name:asc,size` or lists of `sort_key` and `sort_dir`; then by age and id, to be unique. */
function readSort(query: Query): SortKey[] {
  const { keys, directions } = query.sort === undefined ? classicSort(query) : newSort(query);
  const rest = directions.length === 1 ? directions[0]! : 'desc';
  const sort = keys.map((column, i) => ({ column, direction: directions[i] ?? rest }));
  const unique = ['created_at', 'id'].filter((column) => !keys.includes(column));
  return [...sort, ...unique.map((column) => ({ column, direction: rest }))];
}

type Sort = { keys: string[]; directions: SortKey['direction'][] };

function newSort(query: Query): Sort {
  if (query.sort_key !== undefined || query.sort_dir !== undefined)
    throw badRequest('Old and new sorting syntax cannot be combined');
  const pairs = last(query.sort)!
    .trim()
    .split(',')
    .map((item) => item.split(':'));
  return {
    keys: pairs.map(([key]) => sortKey(key!)),
    directions: pairs.map(([, ...direction]) => sortDirection(direction.join(':') || 'desc')),
  };
}

function classicSort(query: Query): Sort {
  const keys = all(query.sort_key).map(sortKey);
  const directions = all(query.sort_dir).map(sortDirection);
  if (directions.length > 1 && directions.length !== keys.length)
    throw badRequest('Number of sort dirs does not match the number of sort keys');
  return {
    keys: keys.length > 0 ? keys : ['created_at'],
    directions: directions.length > 0 ? directions : ['desc'],
  };
}

function sortKey(text: string): string {
  const key = text.trim();
  if (!isOneOf(sortable, key))
    throw badRequest(`Invalid sort key: ${key}. It must be one of the following: ${sortable.join(', ')}.`);
  return key;
}

function sortDirection(text: string): SortKey['direction'] {
  const direction = text.trim();
  if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`);
  return direction;
}

const isOneOf = <const T extends string>(words: readonly T[], word: string): word is T =>
  words.includes(word as T);

/** A parameter given several times counts as it was given last. */
export const last = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.at(-1);

const all = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());
