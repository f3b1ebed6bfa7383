import { expect, test } from 'vitest';

import { FakeClock } from '#kit/clock/clock.ts';

import { KnownPasswords } from './known-passwords.ts';

const bytes = (password: string) => Buffer.from(password);

test('a password is known with its hash only', () => {
  const known = new KnownPasswords(new FakeClock(), 1000);
  expect(known.has(bytes('secret'), 'hash')).toBe(false);
  known.add(bytes('secret'), 'hash');
  expect(known.has(bytes('secret'), 'hash')).toBe(true);
  expect(known.has(bytes('secret'), 'another hash')).toBe(false);
});

test('a wrong guess makes it forgotten', () => {
  const known = new KnownPasswords(new FakeClock(), 1000);
  known.add(bytes('secret'), 'hash');
  expect(known.has(bytes('guess'), 'hash')).toBe(false);
  expect(known.has(bytes('secret'), 'hash')).toBe(false);
});

test('it is known for its time, which use does not lengthen, nor a clock set back', () => {
  const clock = new FakeClock();
  const known = new KnownPasswords(clock, 1000);
  known.add(bytes('secret'), 'hash');
  clock.advance(999);
  expect(known.has(bytes('secret'), 'hash')).toBe(true);
  clock.advance(1);
  expect(known.has(bytes('secret'), 'hash')).toBe(false);
  known.add(bytes('secret'), 'hash');
  clock.advance(-1);
  expect(known.has(bytes('secret'), 'hash')).toBe(false);
});

test('without a time none is known', () => {
  const known = new KnownPasswords(new FakeClock(), 0);
  known.add(bytes('secret'), 'hash');
  expect(known.has(bytes('secret'), 'hash')).toBe(false);
});

test('only so many are known: the oldest go', () => {
  const known = new KnownPasswords(new FakeClock(), 1000);
  for (let n = 0; n <= 10_000; n++) known.add(bytes('secret'), `hash ${n}`);
  expect(known.has(bytes('secret'), 'hash 0')).toBe(false);
  expect(known.has(bytes('secret'), 'hash 1')).toBe(true);
  expect(known.has(bytes('secret'), 'hash 10000')).toBe(true);
});
