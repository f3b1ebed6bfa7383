import Type from 'typebox';

import { base64 } from '../fields.ts';
import type { InjectedFile } from './server.ts';

/** Field schemas of servers and of what is done to them; those that other nouns share stand in `../fields.ts`. */

const enumeration = <const T extends string>(words: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: words });

/** A UUID with or without dashes, as oslo's `is_uuid_like` takes it. */
export const uuid = Type.String({ format: 'uuid' });

/** An address of either version. */
export const ipAddress = Type.Unsafe<string>({
  type: 'string',
  oneOf: [{ format: 'ipv4' }, { format: 'ipv6' }],
});

/** An IPv4 address in four whole decimal numbers. */
export const ipv4 = Type.String({ format: 'ipv4' });

/** An IPv6 address in any spelling; {@link shortIpv6} makes them alike. */
export const ipv6 = Type.String({ format: 'ipv6' });
/** An IPv6 address as everybody writes it: short, in small letters. */
export const shortIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

/** Whether the root file system is grown to its disk by itself (`OS-DCF:diskConfig`). */
export const diskConfig = enumeration(['AUTO', 'MANUAL']);

/** The id of a flavor or, as from old clients, a URL that ends in it. Ids may be written as numbers. */
export const flavorRef = Type.Unsafe<string | number>({ type: ['string', 'integer'], minLength: 1 });

/** The name of something, or null for none of the kind. */
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

/** The most tags of a server: Nova's MAX_TAG_COUNT. */
export const maxTags = 50;

/** Up to 65535 characters of base64: what the column holds in Nova. */
export const userData = Type.String({ ...base64, maxLength: 65_535 });

/** User data given to a rebuild; null takes the server's away. */
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
