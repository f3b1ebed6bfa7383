import type * as Bcrypt from '@node-rs/bcrypt';
import { compare } from '@node-rs/bcrypt';
import { expect, test, vi } from 'vitest';

import { FakeClock } from '#kit/clock/clock.ts';

import { PasswordHasher } from './hasher.ts';
import { KnownPasswords } from './known-passwords.ts';

vi.mock('@node-rs/bcrypt', async (original) => {
  const bcrypt = await original<typeof Bcrypt>();
  return { ...bcrypt, compare: vi.fn(bcrypt.compare) };
});

const hasher = new PasswordHasher(4);

test('a password has its hash and no other has', async () => {
  const hash = await hasher.hash('correct horse');
  expect(hash).toMatch(/^\$2b\$04\$/);
  expect(await hasher.verify('correct horse', hash)).toBe(true);
  expect(await hasher.verify('correct horse ', hash)).toBe(false);
  expect(await hasher.hash('correct horse')).not.toBe(hash);
});

test('past 72 bytes nothing counts, as with Keystone', async () => {
  const hash = await hasher.hash('ä'.repeat(40));
  expect(await hasher.verify(`${'ä'.repeat(36)}x`, hash)).toBe(true);
  expect(await hasher.verify('ä'.repeat(35), hash)).toBe(false);
});

test('hashes other programs made are read, and what is no hash fits nothing', async () => {
  // from the test vectors of crypt_blowfish
  for (const kind of ['$2a$', '$2b$', '$2y$']) {
    const hash = `${kind}05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`;
    expect(await hasher.verify('U*U', hash)).toBe(true);
    expect(await hasher.verify('U*U*', hash)).toBe(false);
  }
  expect(await hasher.verify('U*U', 'not a hash')).toBe(false);
});

test('without a hash the answer is no', async () => {
  for (const none of [null, undefined, '']) expect(await hasher.verify('', none)).toBe(false);
});

test('any number may ask at once', async () => {
  const hash = await hasher.hash('x');
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => hasher.verify(i % 2 ? 'x' : 'y', hash)),
  );
  expect(answers.filter(Boolean)).toHaveLength(25);
});

test('a password that was right is not hashed again for some time, a wrong one always is', async () => {
  const clock = new FakeClock();
  const remembering = new PasswordHasher(4, new KnownPasswords(clock, 1000));
  const hash = await remembering.hash('right');
  const compared = async (password: string, matches: boolean): Promise<number> => {
    vi.mocked(compare).mockClear();
    expect(await remembering.verify(password, hash)).toBe(matches);
    return vi.mocked(compare).mock.calls.length;
  };
  expect(await compared('right', true)).toBe(1);
  expect(await compared('right', true)).toBe(0);
  for (const wrong of ['wrong', 'wrong', '']) expect(await compared(wrong, false)).toBe(1);
  expect(await compared('right', true)).toBe(1);
  clock.advance(1000);
  expect(await compared('right', true)).toBe(1);
  // past 72 bytes nothing counts, here neither
  const long = await remembering.hash('x'.repeat(80));
  expect(await remembering.verify('x'.repeat(72), long)).toBe(true);
  expect(await remembering.verify('x'.repeat(90), long)).toBe(true);
  expect(await remembering.verify('x'.repeat(71), long)).toBe(false);
});
