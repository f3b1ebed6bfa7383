import { expect, test } from 'vitest';

import { isSigned, oauthParameters, problemOf, signatureOf } from './signature.ts';

// the example of RFC 5849, 1.2
const example = {
  method: 'GET',
  origin: 'http://photos.example.net',
  url: '/photos?file=vacation.jpg&size=original',
  headers: {
    authorization: `OAuth realm="Photos",
      oauth_consumer_key="dpf43f3p2l4k3l03",
      oauth_token="nnch734d00sl2jdk",
      oauth_signature_method="HMAC-SHA1",
      oauth_timestamp="137131202",
      oauth_nonce="chapoH",
      oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`,
  },
};
const parameters = oauthParameters(example);
const consumer = 'kd94hf93k423kf44';
const token = 'pfkkdhi9sl3r4s00';

test("the standard's example is signed as it says, and by nobody else's secrets", () => {
  expect(isSigned(example, parameters, { consumer, token })).toBe(true);
  expect(isSigned(example, parameters, { consumer })).toBe(false);
  expect(isSigned(example, parameters, { consumer: token, token: consumer })).toBe(false);
  for (const change of [{ method: 'PUT' }, { url: '/photos?file=vacation.jpg' }, { origin: 'https://x' }])
    expect(isSigned({ ...example, ...change }, parameters, { consumer, token })).toBe(false);
});

test('what a parameter holds is encoded twice', () => {
  const request = { ...example, method: 'POST', origin: 'https://photos.example.net', url: '/initiate' };
  const asking = new Map([
    ['realm', 'Photos'],
    ['oauth_consumer_key', 'dpf43f3p2l4k3l03'],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', '137131200'],
    ['oauth_nonce', 'wIjqoxSjR1'],
    ['oauth_callback', 'http://printer.example.com/ready'],
  ]);
  // as Python's oauthlib has it
  expect(signatureOf(request, asking, { consumer }).toString('base64')).toBe('Jo5yx23iQ3WbLKJuXIBCoaioGpw=');
});

test('there are other hashes', () => {
  const lengths = ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512'].map((method) => {
    const others = new Map([...parameters, ['oauth_signature_method', method]]);
    return signatureOf(example, others, { consumer }).length;
  });
  expect(lengths).toEqual([20, 32, 64]);
});

test('a plain signature is both secrets, encoded', () => {
  const signed = (signature: string, secrets: { consumer: string; token?: string }) => {
    const plain = new Map([
      ...parameters,
      ['oauth_signature_method', 'PLAINTEXT'],
      ['oauth_signature', signature],
    ]);
    return isSigned(example, plain, secrets);
  };
  // RFC 5849, 3.4.4: encoded each by itself, with an ampersand between them even where one is missing
  expect(signed('a%26b&t', { consumer: 'a&b', token: 't' })).toBe(true);
  expect(signed('a%26b&', { consumer: 'a&b' })).toBe(true);
  expect(signed('a%26b', { consumer: 'a&b' })).toBe(false);
  expect(signed('a%26b&t', { consumer: 'a&b', token: 'u' })).toBe(false);
});

test('there are no parameters without a header that says OAuth', () => {
  for (const authorization of [undefined, '', 'Basic YTpi', 'OAuth', 'OAuth nothing'])
    expect(oauthParameters({ headers: { ...(authorization !== undefined && { authorization }) } }).size).toBe(
      0,
    );
  const odd = oauthParameters({ headers: { authorization: 'OAuth oauth_token="%zz"' } });
  expect(odd.get('oauth_token')).toBe('%zz');
});

test('what is wrong with a request is said in the words of others', () => {
  const now = 1_800_000_000_000;
  const good = {
    oauth_consumer_key: 'k',
    oauth_nonce: 'n',
    oauth_timestamp: '1800000000',
    oauth_signature: 's',
    oauth_signature_method: 'HMAC-SHA1',
  };
  const problem = (changes: Record<string, string>) =>
    problemOf(new Map(Object.entries({ ...good, ...changes })), now)?.join(': ');
  expect(problem({})).toBeUndefined();
  expect(problem({ oauth_version: '1.0' })).toBeUndefined();
  expect(problem({ oauth_timestamp: '1799999400' })).toBeUndefined();
  expect(problem({ oauth_timestamp: '1799999399' })).toContain('differ from allowed by over 600 seconds.');
  expect(problem({ oauth_timestamp: '1800000601' })).toContain('differ from allowed by over 600 seconds.');
  expect(problem({ oauth_timestamp: '18' })).toBe('invalid_request: Invalid timestamp size');
  expect(problem({ oauth_timestamp: 'abcdefghij' })).toContain('must be an integer');
  expect(problem({ oauth_version: '2.0' })).toBe('invalid_request: Invalid OAuth version.');
  expect(problem({ oauth_signature_method: 'PLAINTEXT' })).toBeUndefined();
  expect(problem({ oauth_signature_method: 'RSA-SHA1' })).toBe(
    'invalid_signature_method: Invalid signature, RSA-SHA1 not in HMAC-SHA1, HMAC-SHA256, HMAC-SHA512, PLAINTEXT.',
  );
  expect(problem({ oauth_signature_method: 'toString' })).toContain('toString not in');
  for (const name of Object.keys(good))
    expect(problem({ [name]: '' })).toBe('invalid_request: Missing mandatory OAuth parameters.');
});

test('a header without parameters is none, however long', () => {
  expect(oauthParameters({ headers: { authorization: `OAuth ${'a'.repeat(1_000_000)}` } }).size).toBe(0);
});
