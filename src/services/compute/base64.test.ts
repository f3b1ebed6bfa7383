import { describe, expect, it } from 'vitest';

import { readBase64 } from './base64.ts';

// what Python's base64.b64decode answers
describe('readBase64', () => {
  it.each([
    ['dGVzdA==', 'test'],
    ['dGVz\ndA==\n', 'test'],
    ['d G V z dA==', 'test'],
    ['dGVzdA==ignored', 'test'],
    ['dGVz=dA==', 'test'],
    ['=dGVz', 'tes'],
    ['', ''],
  ])('reads %j', (text, bytes) => {
    expect(readBase64(text)?.toString()).toBe(bytes);
  });

  it('skips the characters of other alphabets', () => {
    expect(readBase64('A-b.c_d')).toEqual(Buffer.from([0x01, 0xb7, 0x1d]));
  });

  it.each(['dGVzdA', 'dGVzdA=', 'a=', 'dGVzdA==\u00e4'])('does not read %j', (text) => {
    expect(readBase64(text)).toBeUndefined();
  });
});
