import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cidrAround, formatCidr, overlaps, within } from '../addressing/ip.ts';
import { boundsOf, covers, firstFree, intersects, prefixSet, toPrefixes, without } from './prefixes.ts';

const cidr = fc
  .tuple(fc.nat(0xffff), fc.integer({ min: 18, max: 30 }))
  .map(([low, prefix]) => cidrAround({ version: 4, value: (10n << 24n) | BigInt(low) }, prefix));

describe('prefix sets', () => {
  test('prefixes come out joined, and cover what went in', () => {
    fc.assert(
      fc.property(fc.array(cidr, { minLength: 1, maxLength: 8 }), (cidrs) => {
        const set = prefixSet(cidrs.map(formatCidr));
        const again = prefixSet(toPrefixes(set));
        expect(again).toEqual(set);
        expect(covers(set, prefixSet([formatCidr(cidrs[0]!)]))).toBe(true);
      }),
    );
    expect(toPrefixes(prefixSet(['10.0.0.0/25', '10.0.0.128/25', '10.0.0.0/26']))).toEqual(['10.0.0.0/24']);
  });

  test('a free network is free, inside and of the asked length', () => {
    fc.assert(
      fc.property(
        fc.array(cidr, { minLength: 1, maxLength: 4 }),
        fc.array(cidr, { maxLength: 6 }),
        fc.integer({ min: 20, max: 32 }),
        (pool, taken, length) => {
          const free = without(prefixSet(pool.map(formatCidr)), taken);
          const found = firstFree(free, length);
          if (!found) return;
          expect(found.prefix).toBe(length);
          expect(found).toEqual(cidrAround({ version: 4, value: found.start }, length));
          expect(free.ranges.some((range) => within(found, range))).toBe(true);
          expect(taken.some((t) => overlaps(t, found))).toBe(false);
        },
      ),
    );
  });

  test('one is found until the pool is used up', () => {
    const pool = prefixSet(['10.0.0.0/24', '10.0.2.0/25']);
    const taken = [];
    for (;;) {
      const next = firstFree(without(pool, taken), 26);
      if (!next) break;
      taken.push(next);
    }
    expect(taken.map(formatCidr).sort()).toEqual([
      '10.0.0.0/26',
      '10.0.0.128/26',
      '10.0.0.192/26',
      '10.0.0.64/26',
      '10.0.2.0/26',
      '10.0.2.64/26',
    ]);
  });

  test('versions do not mix', () => {
    expect(() => prefixSet(['10.0.0.0/8', '2001:db8::/32'])).toThrow('Cannot mix');
    expect(() => prefixSet([])).toThrow('Empty');
    expect(intersects(prefixSet(['0.0.0.0/0']), prefixSet(['::/1']))).toBe(false);
  });

  test('lengths must not contradict each other', () => {
    expect(boundsOf(4, {})).toEqual({ min: 8, max: 32, default: 8 });
    expect(boundsOf(6, { min: 56 })).toEqual({ min: 56, max: 128, default: 56 });
    expect(() => boundsOf(4, { min: 24, max: 16 })).toThrow('min_prefixlen=24, max_prefixlen=16');
    expect(() => boundsOf(4, { max: 33 })).toThrow('max_prefixlen=33, ip_version_max=32');
    expect(() => boundsOf(4, { min: 16, default: 8 })).toThrow('default_prefixlen=8, min_prefixlen=16');
    expect(() => boundsOf(4, { max: 16, default: 24 })).toThrow('default_prefixlen=24, max_prefixlen=16');
  });
});
