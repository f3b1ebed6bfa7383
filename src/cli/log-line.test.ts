import { expect, test } from 'vitest';

import { readableLine } from './log-line.ts';

test('a log line as a person reads it', () => {
  const entry = {
    level: 'warn',
    time: '2026-11-20T10:49:14.312Z',
    name: 'supervisor',
    pid: 7,
    child: 'agent',
    delay: 100,
    msg: 'ended by itself',
  };
  expect(readableLine(JSON.stringify(entry))).toBe(
    '2026-11-20 10:49:14.312 warn  ended by itself child=agent delay=100',
  );
  const failed = { ...entry, level: 'error', err: { message: 'no', stack: 'Error: no\n    at x' } };
  expect(readableLine(JSON.stringify(failed))).toMatch(
    /ended by itself child=agent delay=100 \nError: no\n {4}at x$/,
  );
});

test.each(['2026 plain text of ovn', '{"json": "of somebody else"}', '3', 'null', ''])(
  '%j stays as it is',
  (line) => expect(readableLine(line)).toBe(line),
);
