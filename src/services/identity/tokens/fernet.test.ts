import { expect, test } from 'vitest';

import { newKeyText, parseKey, seal, unseal } from './fernet.ts';

const specKey = parseKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=')!;
const specToken =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';

test("the specification's own token is read", () => {
  const opened = unseal([specKey], specToken)!;
  expect(opened.payload.toString()).toBe('hello');
  expect(opened.createdAt).toBe(Date.UTC(1985, 9, 26, 8, 20) / 1000);
});

test('what is sealed is unsealed by its key, with or without padding, and by no other', () => {
  const key = parseKey(newKeyText())!;
  const other = parseKey(newKeyText())!;
  const token = seal(key, Buffer.from('payload'), 1_700_000_000);
  expect(token).toMatch(/^gAAAAA[\w-]+$/);
  for (const text of [token, `${token}==`.slice(0, Math.ceil(token.length / 4) * 4)])
    expect(unseal([other, key], text)).toEqual({
      payload: Buffer.from('payload'),
      createdAt: 1_700_000_000,
    });
  expect(unseal([other], token)).toBeUndefined();
});

test('a token that was touched, cut or made up is refused', () => {
  const key = parseKey(newKeyText())!;
  const token = seal(key, Buffer.from('payload'), 1);
  for (let at = 0; at < token.length - 1; at++) {
    const touched = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    expect(unseal([key], touched)).toBeUndefined();
  }
  for (const text of ['', 'x', token.slice(0, 40), `${token} `, `${token}.`, '\0'.repeat(100)])
    expect(unseal([key], text)).toBeUndefined();
});

test('what is not 32 bytes is no key', () => {
  for (const text of ['', 'short', 'A'.repeat(60)]) expect(parseKey(text)).toBeUndefined();
});
