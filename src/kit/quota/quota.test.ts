import { expect, test } from 'vitest';

import { exceeding } from './quota.ts';

const ask = (used: number, wanted: number, limit: number) => ({ resource: 'r', used, wanted, limit });

test.each([
  ['what just fits', ask(9, 1, 10), true],
  ['one too many', ask(10, 1, 10), false],
  ['nothing, though there are too many already', ask(12, 0, 10), true],
  ['giving back, though there are too many already', ask(12, -1, 10), true],
  ['anything where there is no limit', ask(1e9, 1e9, -1), true],
  ['one where none may be', ask(0, 1, 0), false],
])('%s', (_, one, fits) => {
  expect(exceeding([one])).toEqual(fits ? [] : [one]);
});

test('what does not fit is named, what does is not', () => {
  const [cores, memory] = [ask(0, 5, 4), ask(0, 5, 5)];
  expect(exceeding([cores, memory])).toEqual([cores]);
});
