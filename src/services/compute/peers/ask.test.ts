import { expect, test } from 'vitest';

import { segment } from './ask.ts';

test('what a caller gave stays one segment of the path', () => {
  expect(segment('a/b?c')).toBe('a%2Fb%3Fc');
  expect(segment('...')).toBe('...');
  for (const elsewhere of ['.', '..'])
    expect(() => segment(elsewhere)).toThrow(expect.objectContaining({ kind: 'notFound' }));
});
