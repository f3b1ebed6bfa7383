import Type from 'typebox';

import { base64 } from '../fields.ts';
import type { InjectedFile } from './server.ts';

/** Field schemas of servers and of what is done to them; those that other nouns share stand in `../fields.ts`. */

const enumeration = <const T extends string>(words: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: words });

export const uuid = Type.String({ format: 'uuid' });
export const ipAddress = Type.Unsafe<string>({
  type: 'string',
  oneOf: [{ format: 'ipv4' }, { format: 'ipv6' }],
});
export const ipv4 = Type.String({ format: 'ipv4' });
export const ipv6 = Type.String({ format: 'ipv6' });
/** An IPv6 address as everybody writes it: short, in small letters. */
export const shortIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);
export const diskConfig = enumeration(['AUTO', 'MANUAL']);
export const flavorRef = Type.Unsafe<string | number>({ type: ['string', 'integer'], minLength: 1 });
export const nameOrNone = Type.Unsafe<string | null>({
  oneOf: [{ type: 'string', minLength: 1, maxLength: 255 }, { type: 'null' }],
});

/** A single host name label, as `hostname` was from 2.90 to 2.93. */
export const hostLabel = Type.String({
  pattern: '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$',
  minLength: 2,
  maxLength: 63,
});

/** A tag: not empty, no comma, no slash. */
export const tag = Type.String({ pattern: '^[^,/]*$', minLength: 1, maxLength: 60 });
export const maxTags = 50;

export const userData = Type.String({ ...base64, maxLength: 65_535 });
export const userDataOrNone = Type.Unsafe<string | null>({ ...userData, type: ['string', 'null'] });

/** Files to put into the guest, contents in base64. */
export const personality = Type.Array(
  Type.Object(
    { path: Type.Optional(Type.String()), contents: Type.Optional(base64) },
    { additionalProperties: false },
  ),
);

/** The files of a `personality`; what lacks its path or its contents is none. */
export const filesOf = (asked: Type.Static<typeof personality> = []): InjectedFile[] =>
  asked.flatMap(({ path, contents }) =>
    path === undefined || contents === undefined ? [] : [{ path, contents }],
  );

/** Ids of certificates that must have signed the image; null takes the default. */
export const trustedCertificates = Type.Unsafe<string[] | null>({
  type: ['array', 'null'],
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { type: 'string', minLength: 1 },
});
