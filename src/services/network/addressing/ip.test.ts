import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  addressKey,
  addressOf,
  canonicalAddress,
  cidrAround,
  cidrOf,
  contains,
  eui64Address,
  formatAddress,
  formatCidr,
  mergeRanges,
  parseAddress,
  parseCidr,
  type Range,
  randomIn,
  sizeOf,
  subtract,
  toCidrs,
  type Version,
} from './ip.ts';

const version = fc.constantFrom<Version>(4, 6);
const address = version.chain((v) =>
  fc.bigInt(0n, (1n << (v === 4 ? 32n : 128n)) - 1n).map((value) => ({ version: v, value })),
);
const range = fc
  .tuple(fc.bigInt(0n, 2000n), fc.bigInt(0n, 200n))
  .map(([start, length]): Range => ({ start, end: start + length }));

describe('addresses', () => {
  test('what is written reads back the same', () => {
    fc.assert(
      fc.property(address, (a) => {
        expect(parseAddress(formatAddress(a.version, a.value))).toEqual(a);
      }),
    );
  });

  test('keys sort as addresses do', () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        fc.pre(a.version === b.version && a.value !== b.value);
        const [ka, kb] = [addressKey(a.version, a.value), addressKey(b.version, b.value)];
        expect(ka < kb).toBe(a.value < b.value);
      }),
    );
  });

  test('what is no address is refused', () => {
    for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', '1:2', 'fe80::1%eth0', 'x::1'])
      expect(parseAddress(text), text).toBeUndefined();
  });

  test('IPv6 is written compressed and in lower case', () => {
    expect(canonicalAddress('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(canonicalAddress('::')).toBe('::');
    expect(canonicalAddress('10.0.0.1')).toBe('10.0.0.1');
    expect(canonicalAddress('a name')).toBe('a name');
  });

  test('EUI-64 turns the universal bit and puts fffe in the middle', () => {
    expect(eui64Address(cidrOf('2001:db8::/64'), '00:16:3e:33:44:55')).toBe('2001:db8::216:3eff:fe33:4455');
    expect(eui64Address(cidrOf('2001:db8::/64'), '02:00:00:00:00:01')).toBe('2001:db8::ff:fe00:1');
  });
});

describe('networks', () => {
  test('a network holds exactly the addresses that share its prefix', () => {
    fc.assert(
      fc.property(address, fc.nat(128), (a, length) => {
        const prefix = a.version === 4 ? length % 33 : length;
        const cidr = cidrAround(a, prefix);
        expect(contains(cidr, a.value)).toBe(true);
        expect(parseCidr(formatCidr(cidr))).toEqual(cidr);
        expect(sizeOf(cidr)).toBe(1n << BigInt((a.version === 4 ? 32 : 128) - prefix));
      }),
    );
  });

  test('host bits are dropped, bad prefixes refused', () => {
    expect(formatCidr(cidrOf('10.1.2.3/8'))).toBe('10.0.0.0/8');
    for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/-1'])
      expect(parseCidr(text), text).toBeUndefined();
  });

  test('a range is made of CIDRs that cover it exactly', () => {
    fc.assert(
      fc.property(range, (r) => {
        const cidrs = toCidrs(4, r);
        expect(mergeRanges(cidrs)).toEqual([r]);
        expect(cidrs.reduce((sum, c) => sum + sizeOf(c), 0n)).toBe(sizeOf(r));
      }),
    );
    expect(toCidrs(4, cidrOf('0.0.0.0/0')).map(formatCidr)).toEqual(['0.0.0.0/0']);
    expect(toCidrs(4, { start: addressOf('10.0.0.1').value, end: addressOf('10.0.0.6').value })).toHaveLength(
      4,
    );
  });
});

describe('ranges', () => {
  test('taking a hole out leaves everything else', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 5 }), range, (ranges, hole) => {
        const left = subtract(mergeRanges(ranges), hole);
        for (let v = 0n; v < 2300n; v += 7n) {
          const wanted = ranges.some((r) => contains(r, v)) && !contains(hole, v);
          expect(left.some((r) => contains(r, v))).toBe(wanted);
        }
      }),
    );
  });

  test('random numbers stay inside', () => {
    fc.assert(
      fc.property(range, (r) => {
        expect(contains(r, randomIn(r))).toBe(true);
      }),
    );
  });
});
