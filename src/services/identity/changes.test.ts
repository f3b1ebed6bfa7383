import { expect, test } from 'vitest';

import type { Database } from '#kit/db/database.ts';
import { describeEachEngine } from '#test/support/databases.ts';
import { newIdentity } from '#test/support/identity.ts';

import { Identity } from './service.ts';

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
  const { identity, clock, keys, removeKeys } = await newIdentity(database);
  await identity.bootstrap({ adminPassword: 'pw', region: 'r', endpoints });
  const user = { name: 'admin', domain: { id: 'default' }, password: 'pw' };
  const token = await identity.authenticator.authenticate({
    identity: { methods: ['password'], password: { user } },
    scope: { system: { all: true } },
  });
  const { options } = identity;
  const other = new Identity({ database, clock, options, ...keys });
  return { identity, other, clock, token, removeKeys };
}

describeEachEngine('what is kept in memory', (databases) => {
  test('a valid token costs no promise until something changes', async () => {
    const { identity, token, removeKeys } = await twoProcesses(await databases.open());
    const first = await identity.contract.authenticate(token.text);
    expect(first.userName).toBe('admin');
    expect(identity.contract.authenticate(token.text)).toBe(first);
    await identity.changes.apply(async () => {});
    const again = identity.contract.authenticate(token.text);
    expect(again).toBeInstanceOf(Promise);
    expect(await again).toEqual(first);
    removeKeys();
  });

  test('a change is seen at once where it was made, and nothing is kept from before it', async () => {
    const { identity, token, clock, removeKeys } = await twoProcesses(await databases.open());
    clock.advance(1000);
    await identity.contract.authenticate(token.text);
    await identity.revocations.revokeToken(token);
    await expect(async () => identity.contract.authenticate(token.text)).rejects.toThrow('authentication');
    removeKeys();
  });
});

describeEachEngine('control processes that share a database', (databases) => {
  test('each sees what another changed, on PostgreSQL within a second', async () => {
    const database = await databases.open();
    const { identity, other, token, clock, removeKeys } = await twoProcesses(database);
    clock.advance(2000);
    expect((await other.contract.authenticate(token.text)).userName).toBe('admin');
    await identity.revocations.revokeToken(token);
    clock.advance(1001);
    // an embedded database has one process only; the other's memory is not asked to keep up
    if (database.kind === 'postgres')
      await expect(async () => other.contract.authenticate(token.text)).rejects.toThrow('authentication');
    await expect(async () => identity.contract.authenticate(token.text)).rejects.toThrow('authentication');
    removeKeys();
  });
});
