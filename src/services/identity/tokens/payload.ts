import { decode, encode } from '@msgpack/msgpack';

/** What a Fernet token says about itself. Times are milliseconds since the epoch. */
export interface TokenPayload {
  readonly userId: string;
  readonly methods: readonly string[];
  readonly expiresAt: number;
  /** The token's own id and, for a token made from another, that of the first in the chain. */
  readonly auditIds: readonly string[];
  readonly scope: PayloadScope;
}

/**
 * What a token says that it opens. A project's may be bounded by one of an application credential, a trust and an
 * access token.
 */
export type PayloadScope =
  | { readonly kind: 'unscoped' }
  | {
      readonly kind: 'project';
      readonly id: string;
      readonly applicationCredentialId?: string;
      readonly trustId?: string;
      readonly accessTokenId?: string;
    }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

/**
 * Keystone's payload versions (keystone/token/token_formatters.py) of the tokens that are made here. Those of federation
 * are not read.
 */
const versions = {
  unscoped: 0,
  domain: 1,
  project: 2,
  trust: 3,
  oauth: 7,
  system: 8,
  applicationCredential: 9,
} as const;

/** Keystone's authentication methods in the order of its default configuration: the bits of the methods' integer. */
const methodBits = ['external', 'password', 'token', 'oauth1', 'mapped', 'application_credential'];

/** Packs a payload as Keystone does: msgpack, ids of 32 hex digits as bytes. */
export function packPayload(payload: TokenPayload): Uint8Array {
  const user = packId(payload.userId);
  const methods = packMethods(payload.methods);
  const expires = payload.expiresAt / 1000;
  const audits = payload.auditIds.map((id) => Buffer.from(id, 'base64url'));
  const { scope } = payload;
  switch (scope.kind) {
    case 'unscoped':
      return encode([versions.unscoped, user, methods, expires, audits]);
    case 'domain':
      return encode([versions.domain, user, methods, packBareId(scope.id), expires, audits]);
    case 'system':
      return encode([versions.system, user, methods, 'all', expires, audits]);
    case 'project': {
      const { id, applicationCredentialId: credential, trustId: trust, accessTokenId: access } = scope;
      if (access !== undefined)
        return encode([versions.oauth, user, methods, packId(id), packId(access), expires, audits]);
      const version = trust ? versions.trust : credential ? versions.applicationCredential : versions.project;
      const bounds = trust ? [packBareId(trust)] : credential ? [packId(credential)] : [];
      return encode([version, user, methods, packId(id), expires, audits, ...bounds]);
    }
  }
}

/** Unpacks a payload; undefined when it is of a version or form that is not known here. */
export function unpackPayload(bytes: Uint8Array): TokenPayload | undefined {
  try {
    return readPayload(decode(bytes) as unknown[]);
  } catch {
    return undefined;
  }
}

function readPayload(fields: unknown[]): TokenPayload | undefined {
  const [version, user, methods] = fields;
  const common = (expires: unknown, audits: unknown) => ({
    userId: readId(user),
    methods: readMethods(methods as number),
    expiresAt: Math.round((expires as number) * 1000),
    auditIds: (audits as Uint8Array[]).map((id) => Buffer.from(id).toString('base64url')),
  });
  switch (version) {
    case versions.unscoped:
      return { ...common(fields[3], fields[4]), scope: { kind: 'unscoped' } };
    case versions.domain:
      return { ...common(fields[4], fields[5]), scope: { kind: 'domain', id: readBareId(fields[3]) } };
    case versions.project:
      return { ...common(fields[4], fields[5]), scope: { kind: 'project', id: readId(fields[3]) } };
    case versions.trust:
      return {
        ...common(fields[4], fields[5]),
        scope: { kind: 'project', id: readId(fields[3]), trustId: readBareId(fields[6]) },
      };
    case versions.oauth:
      return {
        ...common(fields[5], fields[6]),
        scope: { kind: 'project', id: readId(fields[3]), accessTokenId: readId(fields[4]) },
      };
    case versions.system:
      return { ...common(fields[4], fields[5]), scope: { kind: 'system' } };
    case versions.applicationCredential:
      return {
        ...common(fields[4], fields[5]),
        scope: { kind: 'project', id: readId(fields[3]), applicationCredentialId: readId(fields[6]) },
      };
    default:
      return undefined;
  }
}

const uuidHex = /^[0-9a-f]{32}$/;

/** `[true, bytes]` for an id of 32 hex digits, `[false, text]` for any other. */
const packId = (id: string): [boolean, Uint8Array | string] =>
  uuidHex.test(id) ? [true, Buffer.from(id, 'hex')] : [false, id];

const readId = (packed: unknown): string => readBareId((packed as [boolean, Uint8Array | string])[1]);

/** A domain's id stands by itself: bytes, or text for `default`. */
const packBareId = (id: string): Uint8Array | string => packId(id)[1];

function readBareId(value: unknown): string {
  if (typeof value === 'string') return value;
  return Buffer.from(value as Uint8Array).toString('hex');
}

const packMethods = (methods: readonly string[]): number =>
  methodBits.reduce((bits, method, i) => (methods.includes(method) ? bits | (1 << i) : bits), 0);

/** Highest bit first, the order Keystone lists them in. */
const readMethods = (bits: number): string[] =>
  methodBits.filter((_, i) => (bits & (1 << i)) !== 0).reverse();
