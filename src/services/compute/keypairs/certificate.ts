import { execFile, type ExecFileOptions } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { badRequest, unavailable } from '#kit/errors/cloud-error.ts';

/** The SHA-1 fingerprint, `aa:bb:…`, of a certificate in PEM. Throws for what is no certificate. */
export function certificateFingerprint(pem: string): string {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('Unable to load PEM file.');
  return new X509Certificate(pem).fingerprint.toLowerCase();
}

const years10 = 3650;
/** What may stand in a name within OpenSSL's configuration language without meaning anything to it. */
const plainName = /^[\w@.-]{1,64}$/;

/**
 * Makes a certificate for logging in to Windows without a password: the certificate in PEM, and the key with it as
 * PKCS #12, without a password, in base64. `openssl` does it, and the key never comes to disk. Throws `badRequest` for a
 * user id that cannot stand in a certificate, `unavailable` where there is no `openssl`.
 */
export async function generateCertificate(
  userId: string,
): Promise<{ privateKey: string; certificate: string }> {
  if (!plainName.test(userId)) {
    throw badRequest(`Keypair data is invalid: user id ${userId} cannot stand in a certificate`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'stratalith-certificate-'));
  try {
    const config = join(directory, 'openssl.cnf');
    await writeFile(config, configurationFor(userId));
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', String(years10)];
    const both = await openssl([...request, '-config', config, '-extensions', 'client', '-keyout', '-']);
    const bundle = await openssl(['pkcs12', '-export', '-passout', 'pass:'], both);
    return { privateKey: bundle.toString('base64'), certificate: certificateIn(both.toString()) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const certificateIn = (pem: string): string =>
  `${/-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----/s.exec(pem)![0]}\n`;

/** Who the certificate is for; Windows knows users by the "user principal name" among the alternative names. */
const configurationFor = (userId: string): string => `
[req]
prompt = no
distinguished_name = name
[name]
CN = ${userId}
[client]
extendedKeyUsage = clientAuth
subjectAltName = otherName:1.3.6.1.4.1.311.20.2.3;UTF8:${userId}@localhost
`;

function openssl(args: readonly string[], input: string | Buffer = ''): Promise<Buffer> {
  const options: ExecFileOptions & { encoding: 'buffer' } = { encoding: 'buffer', timeout: 30_000 };
  return new Promise((resolve, reject) => {
    const child = execFile('openssl', args, options, (error, stdout) => {
      if (!error) resolve(stdout as Buffer);
      else if (error.code !== 'ENOENT') reject(error);
      else reject(unavailable('Certificates cannot be made here: openssl is not installed.', {}, error));
    });
    // a child that is gone already tells why by itself
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
