import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, inject } from 'vitest';

import { Database } from '#kit/db/database.ts';

import { postgresBinaries, type PostgresServer, usePostgres } from './postgres.ts';

/** Opens empty databases that vanish when the tests end. */
export interface Databases {
  open(): Promise<Database>;
}

/**
 * Runs a suite on every engine: always on SQLite, and on PostgreSQL where Debian's package is installed.
 * CI installs it; without it the suite says so in its name instead of passing silently.
 */
export function describeEachEngine(name: string, suite: (databases: Databases) => void): void {
  describe(`${name} on SQLite`, () => suite(sqliteDatabases()));
  describe.skipIf(!postgresBinaries())(`${name} on PostgreSQL (needs the package postgresql)`, () =>
    suite(postgresDatabases()),
  );
}

/** Fresh SQLite files, for tests that need one engine only. */
export function sqliteDatabases(): Databases {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-db-'));
  const opened: Database[] = [];
  let count = 0;
  afterAll(async () => {
    for (const db of opened) await db.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    async open() {
      const db = await Database.open({ kind: 'sqlite', path: join(directory, `${++count}.db`), sync: 'off' });
      opened.push(db);
      return db;
    },
  };
}

function postgresDatabases(): Databases {
  let server: PostgresServer;
  const opened: Database[] = [];
  beforeAll(async () => {
    server = await usePostgres(inject('postgres'));
  });
  afterAll(async () => {
    for (const db of opened) await db.close();
    await server?.close();
  });
  return {
    async open() {
      const db = await Database.open({ kind: 'postgres', url: await server.newDatabase() });
      opened.push(db);
      return db;
    },
  };
}
