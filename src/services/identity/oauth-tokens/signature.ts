import { createHmac, timingSafeEqual } from 'node:crypto';

import type { RequestInfo } from '#kit/http/endpoint.ts';

/** What of a request its signature covers, and where it is found. */
export type SignedRequest = Pick<RequestInfo, 'method' | 'url' | 'origin' | 'headers'>;

/** What a signature is made with: the consumer's secret, and that of the token once there is one. */
export interface SigningSecrets {
  readonly consumer: string;
  readonly token?: string;
}

/** The `oauth_…` parameters of a signed request, by name. */
export type OauthParameters = ReadonlyMap<string, string>;

/** The hashes of the signature methods there are (RFC 5849, and its SHA-2 kin). */
const hashes: Readonly<Record<string, string>> = {
  'HMAC-SHA1': 'sha1',
  'HMAC-SHA256': 'sha256',
  'HMAC-SHA512': 'sha512',
};

/** The method whose signature is the secrets themselves (RFC 5849, 3.4.4); whoever uses it trusts the way to the server. */
const plaintext = 'PLAINTEXT';

const methods: readonly string[] = [...Object.keys(hashes), plaintext];

/** Seconds that a request's time may be off. */
const toleranceSeconds = 600;

/** The parameters of an `Authorization: OAuth …` header; none when there is no such header. */
export function oauthParameters({ headers }: Pick<SignedRequest, 'headers'>): OauthParameters {
  const [, fields] = /^OAuth\s+(.*)$/is.exec(headers.authorization ?? '') ?? [];
  const parameters = new Map<string, string>();
  for (const [, name, value] of (fields ?? '').matchAll(/(?<![^\s=,])([^\s=,]+)="([^"]*)"/g))
    parameters.set(decode(name!), decode(value!));
  return parameters;
}

/** What is wrong with a signed request, whoever signed it; undefined when nothing is. The error's name and words are oauthlib's. */
export function problemOf(parameters: OauthParameters, now: number): readonly [string, string] | undefined {
  const mandatory = ['consumer_key', 'nonce', 'timestamp', 'signature', 'signature_method'];
  if (mandatory.some((name) => !parameters.get(`oauth_${name}`)))
    return ['invalid_request', 'Missing mandatory OAuth parameters.'];
  const method = parameters.get('oauth_signature_method')!;
  if (!methods.includes(method))
    return ['invalid_signature_method', `Invalid signature, ${method} not in ${methods.join(', ')}.`];
  if ((parameters.get('oauth_version') ?? '1.0') !== '1.0')
    return ['invalid_request', 'Invalid OAuth version.'];
  const timestamp = parameters.get('oauth_timestamp')!;
  if (timestamp.length !== 10) return ['invalid_request', 'Invalid timestamp size'];
  if (!/^\d+$/.test(timestamp)) return ['invalid_request', 'Timestamp must be an integer.'];
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds)
    return [
      'invalid_request',
      `Timestamp given is invalid, differ from allowed by over ${toleranceSeconds} seconds.`,
    ];
  return undefined;
}

/** Whether a request whose parameters have no {@link problemOf} theirs was signed with these secrets. */
export function isSigned(
  request: SignedRequest,
  parameters: OauthParameters,
  secrets: SigningSecrets,
): boolean {
  const encoding = parameters.get('oauth_signature_method') === plaintext ? 'utf8' : 'base64';
  const given = Buffer.from(parameters.get('oauth_signature')!, encoding);
  const made = signatureOf(request, parameters, secrets);
  return given.length === made.length && timingSafeEqual(given, made);
}

/** A request's signature (RFC 5849, 3.4). Parameters in a body do not count: none of the signed requests has any. */
export function signatureOf(
  { method, url, origin }: SignedRequest,
  parameters: OauthParameters,
  { consumer, token = '' }: SigningSecrets,
): Buffer {
  const key = `${encode(consumer)}&${encode(token)}`;
  const signatureMethod = parameters.get('oauth_signature_method')!;
  if (signatureMethod === plaintext) return Buffer.from(key);
  const { protocol, host, pathname, searchParams } = new URL(origin + url);
  const pairs = [...searchParams, ...parameters]
    .filter(([name]) => name !== 'oauth_signature' && name !== 'realm')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  const normalized = pairs.map((pair) => pair.join('=')).join('&');
  const base = [method.toUpperCase(), `${protocol}//${host}${pathname}`, normalized].map(encode).join('&');
  return createHmac(hashes[signatureMethod]!, key).update(base).digest();
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 3986, with nothing but the unreserved characters left as they are. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
