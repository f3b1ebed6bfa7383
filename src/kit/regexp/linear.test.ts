import { expect, test } from 'vitest';

import { linearRegExp } from './linear.ts';

test('matches what would take an engine that tracks back longer than anybody waits', () => {
  expect(linearRegExp('^(a+)+$').test(`${'a'.repeat(10_000)}!`)).toBe(false);
  expect(linearRegExp('^(a+)+$').test('a'.repeat(10_000))).toBe(true);
});

test.each(['(', '(a)\\1', '(?=a)'])('refuses %s', (pattern) => {
  expect(() => linearRegExp(pattern)).toThrow(SyntaxError);
});
