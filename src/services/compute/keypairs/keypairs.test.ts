import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ApiClient, RequestOptions } from '#test/support/api-client.ts';
import { asVersion, type ComputeForTest, startCompute } from '#test/support/compute.ts';
import { describeEachEngine } from '#test/support/databases.ts';

// made with ssh-keygen; its MD5 fingerprint is what `ssh-keygen -E md5 -l` prints
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGgCmLAFV4Shj6T1mEzwpsBBdQBtGaf1pPCzdVzEWnTJ somebody@somewhere';
const fingerprint = fingerprintBySshKeygen(publicKey);

function fingerprintBySshKeygen(key: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-key-'));
  try {
    writeFileSync(join(directory, 'key.pub'), key);
    const line = execFileSync('ssh-keygen', ['-E', 'md5', '-l', '-f', join(directory, 'key.pub')], {
      encoding: 'utf8',
    });
    return /MD5:(\S+)/.exec(line)![1]!;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function newKey(...args: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-key-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-N', '', '-f', join(directory, 'key'), ...args]);
    return readFileSync(join(directory, 'key.pub'), 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describeEachEngine('key pairs', (databases) => {
  let cloud: ComputeForTest;
  let client: ApiClient;
  beforeAll(async () => {
    cloud = await startCompute(await databases.open(), { options: { quota_key_pairs: 7 } });
    client = cloud.client;
  });
  afterAll(() => cloud.close());

  const create = (keypair: object, version = '2.1', options?: RequestOptions) =>
    client.post('/os-keypairs', { keypair }, { ...options, ...asVersion(version) });
  const as = (persona: string, version = '2.1') => ({ as: persona, ...asVersion(version) });

  test('a key is imported and shown with every field of the version', async () => {
    const made = await create({ name: 'mine', public_key: publicKey });
    expect(made.status).toBe(200);
    const brief = { name: 'mine', public_key: publicKey, fingerprint };
    expect(made.body).toEqual({ keypair: { ...brief, user_id: 'admin-user' } });
    expect((await client.get('/os-keypairs')).body).toEqual({ keypairs: [{ keypair: brief }] });
    expect((await client.get('/os-keypairs', asVersion('2.2'))).body.keypairs).toEqual([
      { keypair: { ...brief, type: 'ssh' } },
    ]);
    const shown = await client.get('/os-keypairs/mine');
    expect(shown.body.keypair).toEqual({
      ...brief,
      id: 1,
      user_id: 'admin-user',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      updated_at: null,
      deleted: false,
      deleted_at: null,
    });
    expect((await create({ name: 'mine', public_key: publicKey })).body.conflictingRequest.message).toBe(
      "Key pair 'mine' already exists.",
    );
    expect((await client.delete('/os-keypairs/mine')).status).toBe(202);
    expect((await client.get('/os-keypairs/mine')).body.itemNotFound.message).toBe(
      'Keypair mine not found for user admin-user',
    );
    expect((await client.delete('/os-keypairs/mine')).status).toBe(404);
  });

  test('until 2.91 a key is made for whoever brings none', async () => {
    const made = await create({ name: 'made', type: 'ssh' }, '2.91');
    expect(made.status).toBe(201);
    const { private_key, ...keypair } = made.body.keypair;
    const key = createPrivateKey(private_key);
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(keypair).toMatchObject({ name: 'made', type: 'ssh', user_id: 'admin-user' });
    expect(fingerprintBySshKeygen(keypair.public_key)).toBe(keypair.fingerprint);
    const { n } = createPublicKey(key).export({ format: 'jwk' });
    const blob = Buffer.from(keypair.public_key.split(' ')[1], 'base64');
    expect(blob.subarray(-256).toString('base64url')).toBe(n);
    expect((await client.get('/os-keypairs/made', asVersion('2.91'))).body.keypair).not.toHaveProperty(
      'private_key',
    );
    expect((await create({ name: 'other' }, '2.92')).body.badRequest.message).toMatch(
      "'public_key' is a required property",
    );
    expect((await client.delete('/os-keypairs/made', asVersion('2.91'))).status).toBe(204);
  });

  test('a certificate can be imported or made', async () => {
    const made = await create({ name: 'winrm', type: 'x509' }, '2.2');
    expect(made.status).toBe(201);
    const { public_key, private_key, fingerprint } = made.body.keypair;
    const certificate = new X509Certificate(public_key);
    expect(certificate.subject).toBe('CN=admin-user');
    expect(certificate.subjectAltName).toContain('admin-user@localhost');
    expect(fingerprint).toBe(certificate.fingerprint.toLowerCase());
    const key = execFileSync('openssl', ['pkcs12', '-nodes', '-passin', 'pass:'], {
      input: Buffer.from(private_key, 'base64'),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    const imported = await create({ name: 'again', type: 'x509', public_key }, '2.2');
    expect(imported.body.keypair).toEqual({
      name: 'again',
      type: 'x509',
      public_key,
      fingerprint,
      user_id: 'admin-user',
    });
    const bad = await create({ name: 'bad', type: 'x509', public_key: 'rubbish' }, '2.2');
    expect(bad.body.badRequest.message).toMatch(
      /^Keypair data is invalid: failed to generate X509 fingerprint/,
    );
    const odd = await create({ name: 'odd', type: 'x509', user_id: 'a\n[b]' }, '2.10');
    expect(odd.body.badRequest.message).toMatch(/cannot stand in a certificate/);
    for (const name of ['winrm', 'again']) await client.delete(`/os-keypairs/${name}`);
  });

  test.each([
    ['-t', 'ed25519'],
    ['-t', 'ecdsa', '-b', '256'],
    ['-t', 'ecdsa', '-b', '384'],
    ['-t', 'ecdsa', '-b', '521'],
    ['-t', 'rsa', '-b', '2048'],
  ])('keys of ssh-keygen %s %s %s %s are taken', async (...args) => {
    const key = newKey(...args.filter((a) => a !== undefined));
    const made = await create({ name: 'tried', public_key: key });
    expect(made.body.keypair).toMatchObject({ public_key: key, fingerprint: fingerprintBySshKeygen(key) });
    await client.delete('/os-keypairs/tried');
  });

  test.each([
    ['nothing', ''],
    ['no type', publicKey.split(' ')[1]!],
    ['another type than it says', publicKey.replace('ssh-ed25519', 'ssh-rsa')],
    ['no base64', 'ssh-rsa JUNK!'],
    ['cut short', publicKey.slice(0, 60)],
    [
      'too long',
      `ssh-ed25519 ${Buffer.concat([Buffer.from(publicKey.split(' ')[1]!, 'base64'), Buffer.alloc(4)]).toString('base64')}`,
    ],
    ['no point of its curve', offCurve()],
  ])('a key that is %s is refused', async (_, key) => {
    expect((await create({ name: 'bad', public_key: key })).body).toEqual({
      badRequest: { code: 400, message: 'Keypair data is invalid: failed to generate fingerprint' },
    });
  });

  test('names are of few characters, and of a few more since 2.92', async () => {
    const named = async (name: string, version: string) =>
      (await create({ name, public_key: publicKey }, version)).status;
    expect(await named('a@b.c', '2.91')).toBe(400);
    expect(await named('a@b.c', '2.92')).toBe(201);
    expect(await named('key/\u0000', '2.1')).toBe(400);
    expect(await named('', '2.1')).toBe(400);
    expect(await named('k'.repeat(256), '2.1')).toBe(400);
    expect(await named(' k', '2.1')).toBe(400);
    await client.delete('/os-keypairs/a@b.c');
  });

  test('key pairs are their users', async () => {
    expect((await create({ name: 'hers', public_key: publicKey }, '2.10', as('member', '2.10'))).status).toBe(
      201,
    );
    expect((await client.get('/os-keypairs/hers', as('stranger'))).status).toBe(404);
    const path = '/os-keypairs/hers?user_id=member-user';
    expect((await client.get(path, as('admin', '2.10'))).status).toBe(200);
    expect((await client.get(path, as('admin', '2.9'))).status).toBe(404);
    expect((await client.get(path, as('stranger', '2.10'))).status).toBe(403);
    expect((await client.delete(path, as('stranger', '2.10'))).status).toBe(403);
    const forHer = { name: 'x', public_key: publicKey, user_id: 'member-user' };
    expect((await create(forHer, '2.10', { as: 'stranger' })).status).toBe(403);
    expect((await create(forHer, '2.9')).status).toBe(400);
    const made = await create(forHer, '2.10');
    expect(made.body.keypair.user_id).toBe('member-user');
    const list = await client.get('/os-keypairs?user_id=member-user', as('admin', '2.10'));
    expect(list.body.keypairs).toHaveLength(2);
    for (const name of ['hers', 'x']) await client.delete(`/os-keypairs/${name}`, { as: 'member' });
  });

  test('lists are paged since 2.35, and a user may have so many', async () => {
    for (const name of ['c', 'a', 'b']) await create({ name, public_key: publicKey });
    const names = async (path: string, version: string) =>
      (await client.get(path, asVersion(version))).body.keypairs.map(
        (k: { keypair: { name: string } }) => k.keypair.name,
      );
    expect(await names('/os-keypairs?limit=1', '2.34')).toEqual(['a', 'b', 'c']);
    const page = await client.get('/os-keypairs?limit=2', asVersion('2.35'));
    expect(page.body.keypairs_links).toEqual([
      { rel: 'next', href: `${client.origin}/v2.1/os-keypairs?limit=2&marker=b` },
    ]);
    expect(await names('/os-keypairs?limit=2&marker=b', '2.35')).toEqual(['c']);
    expect((await client.get('/os-keypairs?marker=x', asVersion('2.35'))).body.badRequest.message).toBe(
      'Marker x could not be found.',
    );
    expect((await client.get('/os-keypairs?colour=red', asVersion('2.75'))).status).toBe(400);
    for (const name of ['d', 'e', 'f', 'g']) {
      expect((await create({ name, public_key: publicKey })).status).toBe(200);
    }
    expect((await create({ name: 'h', public_key: publicKey })).body.forbidden.message).toBe(
      'Quota exceeded, too many key pairs.',
    );
  });
});

/** An ECDSA key whose point was moved off the curve. */
function offCurve(): string {
  const [type, text] = newKey('-t', 'ecdsa', '-b', '256').split(' ');
  const blob = Buffer.from(text!, 'base64');
  blob[blob.length - 1]! ^= 1;
  return `${type} ${blob.toString('base64')}`;
}
