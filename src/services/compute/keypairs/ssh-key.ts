import { createHash, createPublicKey, generateKeyPair, type JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';

/** The key types OpenSSH and Nova know, and how to read the rest of a blob of each. */
const readers: Readonly<Record<string, (blob: Blob) => JsonWebKey | undefined>> = {
  'ssh-rsa': (blob) => {
    const [e, n] = [blob.number(), blob.number()];
    return { kty: 'RSA', e: base64url(e), n: base64url(n) };
  },
  'ssh-ed25519': (blob) => ({ kty: 'OKP', crv: 'Ed25519', x: base64url(blob.bytes()) }),
  'ssh-dss': (blob) => {
    for (let i = 0; i < 4; i++) blob.number();
    return undefined;
  },
  'ecdsa-sha2-nistp256': (blob) => point(blob, 'nistp256', 'P-256', 32),
  'ecdsa-sha2-nistp384': (blob) => point(blob, 'nistp384', 'P-384', 48),
  'ecdsa-sha2-nistp521': (blob) => point(blob, 'nistp521', 'P-521', 66),
  'sk-ssh-ed25519@openssh.com': (blob) => {
    const x = base64url(blob.bytes());
    blob.bytes();
    return { kty: 'OKP', crv: 'Ed25519', x };
  },
  'sk-ecdsa-sha2-nistp256@openssh.com': (blob) => {
    const key = point(blob, 'nistp256', 'P-256', 32);
    blob.bytes();
    return key;
  },
};

/**
 * The MD5 fingerprint, `aa:bb:…`, of a public key as it stands in `authorized_keys`. Throws for what is no key: another
 * form, an unknown type, numbers that are no key of that type.
 */
export function fingerprintOf(publicKey: string): string {
  const match = /^(\S+)[ \t]+(\S+)/.exec(publicKey);
  const [, type, text] = match ?? [];
  const read = type === undefined ? undefined : readers[type];
  if (!read || text === undefined) throw new Error('not a public key');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replaceAll('=', '') !== text.replaceAll('=', ''))
    throw new Error('not base64');
  const blob = new Blob(bytes);
  if (blob.bytes().toString() !== type) throw new Error('the key is of another type than it says');
  const key = read(blob);
  blob.end();
  // refuses points that are not on the curve, numbers that are no key
  if (key) createPublicKey({ key, format: 'jwk' });
  return colons(createHash('md5').update(bytes).digest('hex'));
}

/** `aa:bb:…` of hexadecimal digits. */
export const colons = (hex: string): string => hex.match(/../g)!.join(':');

const generate = promisify(generateKeyPair);

/** Makes an RSA key of 2048 bits, as Nova does: the private half in PEM, the public one as in `authorized_keys`. */
export async function generateSshKey(): Promise<{ privateKey: string; publicKey: string }> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const { e, n } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([
    lengthAndBytes(Buffer.from('ssh-rsa')),
    lengthAndBytes(positive(Buffer.from(e!, 'base64url'))),
    lengthAndBytes(positive(Buffer.from(n!, 'base64url'))),
  ]);
  return {
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKey: `ssh-rsa ${blob.toString('base64')} Generated-by-Nova`,
  };
}

/** The binary half of a public key: strings, each after its length. */
class Blob {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bytes(): Buffer {
    if (this.#at + 4 > this.#bytes.length) throw new Error('the key ends early');
    const start = this.#at + 4;
    const end = start + this.#bytes.readUInt32BE(this.#at);
    if (end > this.#bytes.length) throw new Error('the key ends early');
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  /** A positive number, without the zero that keeps it from being negative. */
  number(): Buffer {
    const bytes = this.bytes();
    if (bytes.length === 0 || bytes[0]! & 0x80) throw new Error('not a positive number');
    return bytes[0] === 0 ? bytes.subarray(1) : bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error('there is more than a key');
  }
}

function point(blob: Blob, name: string, curve: string, size: number): JsonWebKey {
  if (blob.bytes().toString() !== name) throw new Error('the curve is another one');
  const bytes = blob.bytes();
  if (bytes.length !== 1 + 2 * size || bytes[0] !== 4) throw new Error('not an uncompressed point');
  return {
    kty: 'EC',
    crv: curve,
    x: base64url(bytes.subarray(1, 1 + size)),
    y: base64url(bytes.subarray(1 + size)),
  };
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');

const positive = (bytes: Buffer): Buffer =>
  bytes[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;

function lengthAndBytes(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
