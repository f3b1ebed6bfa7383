import { expect, test } from 'vitest';

import { PasswordHasher } from './hasher.ts';

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
