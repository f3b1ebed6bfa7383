import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FakeClock } from '#kit/clock/clock.ts';
import type { Values } from '#kit/config/options.ts';
import type { Database } from '#kit/db/database.ts';
import { migrate } from '#kit/db/migrations.ts';
import { identityApi } from '#services/identity/api.ts';
import { type AssembledIdentity, assembleIdentity } from '#services/identity/assembly.ts';
import { bootstrap } from '#services/identity/bootstrap.ts';
import { identityMigrations } from '#services/identity/migrations/migrations.ts';
import { identityOptions } from '#services/identity/options.ts';
import type { Identity } from '#services/identity/service.ts';

import { type Answer, type ApiClient, serveForTest } from './api-client.ts';

/** The password of user `admin` in every Identity that {@link serveIdentity} makes. */
export const adminPassword = 'a password of the tests';

/** The options' defaults, but with the cheapest passwords there are. */
export const testOptions: Values<typeof identityOptions> = {
  ...(Object.fromEntries(
    Object.entries(identityOptions).map(([name, option]) => [name, option.default]),
  ) as Values<typeof identityOptions>),
  password_hash_rounds: 4,
};

/** Identity on an empty database, not served. */
export async function newIdentity(database: Database, clock = new FakeClock(Date.now())) {
  await migrate(database, identityMigrations, clock.now());
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-keys-'));
  const keys = {
    keyDirectory: join(directory, 'tokens'),
    credentialKeyDirectory: join(directory, 'credentials'),
  };
  const assembled = assembleIdentity({ database, clock, options: testOptions, ...keys });
  return {
    identity: assembled.service,
    assembled,
    clock,
    keys,
    removeKeys: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Identity bootstrapped and served, with its own tokens for tokens. */
export interface ServedIdentity {
  readonly identity: Identity;
  readonly assembled: AssembledIdentity;
  readonly clock: FakeClock;
  /** Speaks as the administrator of project `admin` unless told otherwise. */
  readonly client: ApiClient;
  readonly admin: string;
  /** Asks for a token; answers whatever comes. */
  authenticate(auth: object): Promise<Answer>;
  /** A token by password; throws unless there is one. */
  token(user: { id: string; password: string }, scope?: unknown): Promise<string>;
  close(): Promise<void>;
}

/** Bootstraps and serves Identity with one region and its own endpoint. `close` leaves the database to its owner. */
export async function serveIdentity(database: Database): Promise<ServedIdentity> {
  const { identity, assembled, clock, removeKeys } = await newIdentity(database);
  await bootstrap(identity, {
    adminPassword,
    region: 'RegionOne',
    endpoints: [
      {
        type: 'identity',
        name: 'keystone',
        publicUrl: 'http://127.0.0.1:5000/v3',
        internalUrl: 'http://127.0.0.1:5000/v3',
        adminUrl: 'http://127.0.0.1:5000/v3',
      },
    ],
  });
  let admin = '';
  const { client, close } = await serveForTest(identityApi, identity, (text) =>
    // the client's default caller is `admin`
    assembled.contract.authenticate(text === 'admin' ? admin : text),
  );
  const authenticate = (auth: object) => client.post('/auth/tokens', { auth });
  const token = async (user: { id: string; password: string }, scope?: unknown): Promise<string> => {
    const identityOf = { methods: ['password'], password: { user } };
    const answer = await authenticate({ identity: identityOf, ...(scope !== undefined && { scope }) });
    const text = answer.headers.get('x-subject-token');
    if (!text) throw new Error(`no token: ${JSON.stringify(answer.body)}`);
    return text;
  };
  const user = { name: 'admin', domain: { id: 'default' }, password: adminPassword };
  const issued = await authenticate({
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: 'admin', domain: { id: 'default' } } },
  });
  admin = issued.headers.get('x-subject-token') ?? '';
  return {
    identity,
    assembled,
    clock,
    client,
    admin,
    authenticate,
    token,
    async close() {
      await close();
      removeKeys();
    },
  };
}
