import { fromJson } from '#kit/db/columns.ts';

import {
  bitsOf,
  type Cidr,
  cidrOf,
  formatCidr,
  mergeRanges,
  overlaps,
  type Range,
  subtract,
  toCidrs,
  type Version,
  within,
} from '../addressing/ip.ts';
import type { SubnetPoolTable } from '../tables.ts';
import { emptyPrefixList, illegalBounds, mixedVersions } from './errors.ts';

/** Prefixes of a pool as a set of addresses. */
export interface PrefixSet {
  readonly version: Version;
  readonly ranges: readonly Range[];
}

/** Lengths a pool gives out: the shortest, the longest, and what is taken when none is asked for. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

const shortest: Readonly<Record<Version, number>> = { 4: 8, 6: 64 };

/** Reads prefixes, overlapping ones made one. Throws 400 for none, or for both versions. */
export function prefixSet(prefixes: readonly string[]): PrefixSet {
  const cidrs = prefixes.map(cidrOf);
  const [first] = cidrs;
  if (!first) throw emptyPrefixList();
  if (cidrs.some((cidr) => cidr.version !== first.version)) throw mixedVersions();
  return { version: first.version, ranges: mergeRanges(cidrs) };
}

/** The prefixes a pool has: none once all were removed. */
export const prefixesOf = (pool: Pick<SubnetPoolTable, 'ip_version' | 'prefixes'>): PrefixSet => ({
  version: pool.ip_version as Version,
  ranges: mergeRanges(fromJson<string[]>(pool.prefixes).map(cidrOf)),
});

/** The fewest prefixes that make up a set. */
export const toPrefixes = ({ version, ranges }: PrefixSet): string[] =>
  ranges.flatMap((range) => toCidrs(version, range)).map(formatCidr);

/** Whether two sets have an address in common. */
export const intersects = (a: PrefixSet, b: PrefixSet): boolean =>
  a.version === b.version && a.ranges.some((r) => b.ranges.some((s) => overlaps(r, s)));

/**
 * Whether all of one set is in another. Sets hold no two ranges that touch, so that a range lies in one of
 * them or in none.
 */
export const covers = (outer: PrefixSet, inner: PrefixSet): boolean =>
  outer.version === inner.version && inner.ranges.every((r) => outer.ranges.some((o) => within(r, o)));

/** The set without these ranges. */
export const without = ({ version, ranges }: PrefixSet, holes: readonly Range[]): PrefixSet => ({
  version,
  ranges: holes.reduce<readonly Range[]>(subtract, ranges),
});

/** The lengths of a pool, left out ones filled in. Throws 400 for lengths that contradict each other. */
export function boundsOf(
  version: Version,
  given: { min?: number | undefined; max?: number | undefined; default?: number | undefined },
): Bounds {
  const min = given.min ?? shortest[version];
  const max = given.max ?? bitsOf(version);
  const bounds = { min, max, default: given.default ?? min };
  if (min > max) throw illegalBounds('min_prefixlen', min, 'max_prefixlen', max);
  if (max > bitsOf(version)) throw illegalBounds('max_prefixlen', max, 'ip_version_max', bitsOf(version));
  if (bounds.default < min) throw illegalBounds('default_prefixlen', bounds.default, 'min_prefixlen', min);
  if (bounds.default > max) throw illegalBounds('default_prefixlen', bounds.default, 'max_prefixlen', max);
  return bounds;
}

/** The first free network of a length, from the smallest free block that holds one. */
export function firstFree(free: PrefixSet, length: number): Cidr | undefined {
  const blocks = free.ranges.flatMap((range) => toCidrs(free.version, range));
  const fitting = blocks.filter((block) => block.prefix <= length);
  const [block] = fitting.sort((a, b) => b.prefix - a.prefix);
  if (!block) return undefined;
  const size = 1n << BigInt(bitsOf(free.version) - length);
  return { version: free.version, prefix: length, start: block.start, end: block.start + size - 1n };
}
