import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Fernet (https://github.com/fernet/spec): AES-128-CBC and HMAC-SHA256 under one 32-byte key. Tokens are URL-safe base64
 * without padding, as Keystone hands them out.
 */
export interface FernetKey {
  readonly signing: Buffer;
  readonly encryption: Buffer;
}

/** What a token held, and when it was made: whole seconds since the epoch. */
export interface Opened {
  readonly payload: Buffer;
  readonly createdAt: number;
}

const version = 0x80;
const headerLength = 1 + 8;
const ivLength = 16;
const macLength = 32;
const shortest = headerLength + ivLength + 16 + macLength;

/** A new key as a key file holds it: URL-safe base64 of 32 random bytes, padded. */
export const newKeyText = (): string => `${randomBytes(32).toString('base64url')}=`;

/** Reads a key file's text; undefined when it is no key. */
export function parseKey(text: string): FernetKey | undefined {
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length !== 32) return undefined;
  return { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) };
}

/** Encrypts under `key`; `createdAt` is in whole seconds since the epoch. */
export function seal(key: FernetKey, payload: Uint8Array, createdAt: number): string {
  const header = Buffer.alloc(headerLength + ivLength);
  header[0] = version;
  header.writeBigUInt64BE(BigInt(createdAt), 1);
  randomBytes(ivLength).copy(header, headerLength);
  const cipher = createCipheriv('aes-128-cbc', key.encryption, header.subarray(headerLength));
  const signed = Buffer.concat([header, cipher.update(payload), cipher.final()]);
  return Buffer.concat([signed, macOf(key, signed)]).toString('base64url');
}

/** Decrypts with whichever of `keys` made the token; undefined when none did or it was tampered with. */
export function unseal(keys: readonly FernetKey[], token: string): Opened | undefined {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < shortest || bytes[0] !== version) return undefined;
  const signed = bytes.subarray(0, -macLength);
  const mac = bytes.subarray(-macLength);
  const key = keys.find((candidate) => timingSafeEqual(macOf(candidate, signed), mac));
  if (!key) return undefined;
  const iv = bytes.subarray(headerLength, headerLength + ivLength);
  try {
    const decipher = createDecipheriv('aes-128-cbc', key.encryption, iv);
    const payload = Buffer.concat([
      decipher.update(signed.subarray(headerLength + ivLength)),
      decipher.final(),
    ]);
    return { payload, createdAt: Number(bytes.readBigUInt64BE(1)) };
  } catch {
    // authentic yet not decryptable: a length or padding no Fernet writer makes
    return undefined;
  }
}

const macOf = (key: FernetKey, signed: Uint8Array): Buffer =>
  createHmac('sha256', key.signing).update(signed).digest();
