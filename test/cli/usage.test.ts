import { afterAll, beforeAll, expect, test } from 'vitest';

import { newSimCloud, type SimCloud } from '../support/sim-cloud.ts';

let cloud: SimCloud;

beforeAll(async () => {
  cloud = await newSimCloud();
});
afterAll(() => cloud.remove());

test.each([
  { line: 'bogus', says: "unknown command 'bogus'" },
  { line: 'up --bogus', says: "unknown option '--bogus'" },
  { line: 'up now', says: "too many arguments for 'up'" },
  { line: 'up --sim --listen nonsense', says: 'It is no IP address' },
  { line: 'logs -n many', says: 'It is no number' },
])('misuse is told in a line: $line', async ({ line, says }) => {
  const { code, output } = await cloud.run(...line.split(' '));
  expect(code).toBe(2);
  expect(output).toContain(says);
  expect(output).not.toMatch(/^\s+at /m);
});

test.each([
  { line: 'up --sim --listen 192.0.2.1', says: '192.0.2.1: it is no address of this machine' },
  { line: 'up --sim --config /nowhere', says: 'there is no configuration file /nowhere' },
  { line: 'logs', says: 'there are no logs' },
  { line: 'audit', says: 'is down' },
  { line: 'status', says: 'is down' },
])('what cannot be done is told in a line: $line', async ({ line, says }) => {
  const { code, output } = await cloud.run(...line.split(' '));
  expect(code).toBe(1);
  expect(output).toContain(says);
  expect(output).not.toMatch(/^\s+at /m);
});

test('help tells every command', async () => {
  const { code, output } = await cloud.run('--help');
  expect(code).toBe(0);
  for (const name of ['up', 'down', 'status', 'logs', 'install', 'doctor', 'audit', 'reset', 'test'])
    expect(output).toMatch(new RegExp(`^  ${name} `, 'm'));
});
