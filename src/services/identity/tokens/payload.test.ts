import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { packPayload, type PayloadScope, unpackPayload } from './payload.ts';

const hexId = fc.uuid().map((id) => id.replaceAll('-', ''));
const anyId = fc.oneof(hexId, fc.string({ minLength: 1, maxLength: 64 }));
const scope: fc.Arbitrary<PayloadScope> = fc.oneof(
  fc.constant({ kind: 'unscoped' } as const),
  fc.constant({ kind: 'system' } as const),
  fc.record({ kind: fc.constant('domain' as const), id: fc.oneof(hexId, fc.constant('default')) }),
  fc.record({ kind: fc.constant('project' as const), id: anyId }),
  fc.record({ kind: fc.constant('project' as const), id: anyId, applicationCredentialId: hexId }),
  fc.record({ kind: fc.constant('project' as const), id: anyId, trustId: hexId }),
  fc.record({ kind: fc.constant('project' as const), id: anyId, accessTokenId: hexId }),
);
const auditId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((b) => Buffer.from(b).toString('base64url'));

test('what is packed is unpacked', () => {
  const payload = fc.record({
    userId: anyId,
    methods: fc.constantFrom(['password'], ['token', 'password'], ['application_credential'], ['oauth1']),
    expiresAt: fc.integer({ min: 0, max: 4e12 }),
    auditIds: fc.array(auditId, { minLength: 1, maxLength: 2 }),
    scope,
  });
  fc.assert(
    fc.property(payload, (given) => {
      expect(unpackPayload(packPayload(given))).toEqual(given);
    }),
  );
});

test("the form is Keystone's: version, ids as bytes, methods as bits, seconds, audit ids as bytes", () => {
  const id = '0123456789abcdef0123456789abcdef';
  const packed = packPayload({
    userId: id,
    methods: ['token', 'password'],
    expiresAt: 1_700_000_000_500,
    auditIds: ['AAAAAAAAAAAAAAAAAAAAAA'],
    scope: { kind: 'project', id: 'not-a-uuid' },
  });
  expect(decode(packed)).toEqual([
    2,
    [true, new Uint8Array(Buffer.from(id, 'hex'))],
    6,
    [false, 'not-a-uuid'],
    1_700_000_000.5,
    [new Uint8Array(16)],
  ]);
});

test('other versions and other things are not read', () => {
  for (const value of [[4, 'federated'], [99], [], 'text', null, [2, 1, 1, 1, 1, 1]])
    expect(unpackPayload(encode(value))).toBeUndefined();
  expect(unpackPayload(Buffer.from([0xc1]))).toBeUndefined();
});
