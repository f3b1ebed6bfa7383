import { expect, test } from 'vitest';

import type { Database } from '#kit/db/database.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { newIdentity } from '#test/support/identity.ts';

import { assembleIdentity } from './assembly.ts';
import { bootstrap } from './bootstrap.ts';

const endpoints = [
  {
    type: 'identity',
    name: 'keystone',
    publicUrl: 'http://h',
    internalUrl: 'http://h',
    adminUrl: 'http://h',
  },
];

/** An Identity with a token of its administrator, and another process on the same database and keys. */
async function twoProcesses(database: Database) {
  const { identity, assembled, clock, keys, removeKeys } = await newIdentity(database);
  await bootstrap(identity, { adminPassword: 'pw', region: 'r', endpoints });
  const user = { name: 'admin', domain: { id: 'default' }, password: 'pw' };
  const request = { method: 'POST', url: '/v3/auth/tokens', origin: 'http://h', headers: {} };
  const auth = { identity: { methods: ['password'], password: { user } }, scope: { system: { all: true } } };
  const token = await identity.authenticator.authenticate(auth, request);
  const { options } = identity;
  const other = assembleIdentity({ database, clock, options, ...keys });
  return { identity, assembled, other, clock, token, removeKeys };
}

describeEachEngine('what is kept in memory', (databases) => {
  test('a valid token costs no promise until something changes', async () => {
    const { identity, assembled, token, removeKeys } = await twoProcesses(await databases.open());
    const first = await assembled.contract.authenticate(token.text);
    expect(first.userName).toBe('admin');
    expect(assembled.contract.authenticate(token.text)).toBe(first);
    await identity.changes.apply(async () => {});
    const again = assembled.contract.authenticate(token.text);
    expect(again).toBeInstanceOf(Promise);
    expect(await again).toEqual(first);
    removeKeys();
  });

  test('a change is seen at once where it was made, and nothing is kept from before it', async () => {
    const { identity, assembled, token, clock, removeKeys } = await twoProcesses(await databases.open());
    clock.advance(1000);
    await assembled.contract.authenticate(token.text);
    await identity.revocations.revokeToken(token);
    await expect(async () => assembled.contract.authenticate(token.text)).rejects.toThrow('authentication');
    removeKeys();
  });
});

describeEachEngine('control processes that share a database', (databases) => {
  test('each sees what another changed, on PostgreSQL within a second', async () => {
    const database = await databases.open();
    const { identity, assembled, other, token, clock, removeKeys } = await twoProcesses(database);
    clock.advance(2000);
    expect((await other.contract.authenticate(token.text)).userName).toBe('admin');
    await identity.revocations.revokeToken(token);
    clock.advance(1001);
    // an embedded database has one process only; the other's memory is not asked to keep up
    if (database.kind === 'postgres')
      await expect(async () => other.contract.authenticate(token.text)).rejects.toThrow('authentication');
    await expect(async () => assembled.contract.authenticate(token.text)).rejects.toThrow('authentication');
    removeKeys();
  });
});
