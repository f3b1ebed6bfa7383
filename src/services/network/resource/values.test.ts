import { describe, expect, test } from 'vitest';

import { bool, canonicalMac, integer, listOf, name, repeatedIn, uuid } from './values.ts';

describe('values as Neutron converts them', () => {
  test.each([
    [bool, ' Yes ', true],
    [bool, 0, false],
    [integer, ' +7 ', 7],
    [integer, 1.9, 1],
    [integer, true, 1],
  ])('%#: %j', (type, value, converted) => {
    expect(type.convert!(value)).toBe(converted);
  });

  test.each([
    [bool, 'maybe'],
    [bool, null],
    [integer, '1.0'],
    [integer, 2 ** 31],
    [integer, []],
  ])('%#: not %j', (type, value) => {
    expect(() => type.convert!(value)).toThrow(expect.objectContaining({ kind: 'badRequest' }));
  });

  test('MAC addresses are written alike', () => {
    expect(canonicalMac('FA-16-3e-0-0-1')).toBe('fa:16:3e:00:00:01');
    expect(canonicalMac('fa:16:3e')).toBe('fa:16:3e');
  });

  test('a name is measured in characters, and has no space around it', () => {
    expect(name(2).problem!('🦊🦊')).toBeUndefined();
    expect(name(2).problem!('abc')).toContain('exceeds maximum length of 2');
    expect(name().problem!(' a')).toContain('is not a valid string');
  });
});

describe('a list', () => {
  const uuids = listOf(uuid);

  test('holds nothing twice, and only what fits', () => {
    const [a, b] = ['00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000b'];
    expect(uuids.problem!([a, b])).toBeUndefined();
    expect(uuids.problem!([a, b, a])).toBe(`Duplicate items in the list: '${a}'`);
    expect(uuids.problem!([a, 'x'])).toBe("'x' is not a valid UUID");
    expect(uuids.problem!('x')).toBe("'x' is not a list");
    expect(uuids.convert!(null)).toEqual([]);
  });

  test('items are the same that read the same', () => {
    expect(repeatedIn([{ a: 1 }, { a: 2 }, { a: 1 }, 1, '1', 1])).toEqual([{ a: 1 }, 1]);
  });

  test('is looked through in time proportional to its length', () => {
    expect(repeatedIn(Array.from({ length: 300_000 }, (_, i) => `${i}`))).toEqual([]);
  });
});
