import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { tryLock } from '#kit/process/lock.ts';

/** A PostgreSQL server of the tests' own, on a unix socket in a temporary directory. */
export interface PostgresServer {
  /** A connection URL for a new, empty database. */
  newDatabase(): Promise<string>;
  /** Removes the databases made here. Nobody may be connected to them any more. */
  close(): Promise<void>;
}

/** Where Debian puts the server's programs, newest version first; undefined when it is not installed. */
export function postgresBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((v) => join(root, v, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/**
 * Connects to the server of this test run, which lies in `directory`; whoever needs it first starts it. Throws when the
 * package is missing.
 */
export async function usePostgres(directory: string): Promise<PostgresServer> {
  let lock;
  while (!(lock = tryLock(join(directory, 'lock')))) await sleep(50);
  const place = join(directory, 'server');
  try {
    if (!existsSync(place)) start(place);
  } finally {
    lock.release();
  }
  const client = new pg.Client({ host: place, user: 'postgres', database: 'postgres' });
  await client.connect();
  const made: string[] = [];
  return {
    async newDatabase() {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await client.query(`create database ${name}`);
      made.push(name);
      return `postgresql://postgres@localhost/${name}?host=${place}`;
    },
    async close() {
      for (const name of made) await client.query(`drop database ${name}`);
      await client.end();
    },
  };
}

/** Starts a server as user `postgres`: it refuses to run as root. */
function start(place: string): void {
  mkdirSync(place);
  const account = accountOf(place);
  const data = join(place, 'data');
  const initial = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  execFileSync(program('initdb'), ['-D', data, ...initial], { ...account, cwd: place, stdio: 'pipe' });
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    `listen_addresses=''\nunix_socket_directories='${place}'\nfsync=off\n`,
  );
  const args = ['-D', data, '-w', '-l', join(place, 'log'), 'start'];
  const started = spawnSync(program('pg_ctl'), args, { ...account, cwd: place, stdio: 'ignore' });
  if (started.status !== 0) throw new Error(`PostgreSQL did not start: see ${place}/log`);
}

/** Stops the server of a test run, if one was started. */
export function stopPostgres(directory: string): void {
  const place = join(directory, 'server');
  if (!existsSync(place)) return;
  const args = ['-D', join(place, 'data'), '-m', 'immediate', '-w', 'stop'];
  spawnSync(program('pg_ctl'), args, { ...accountOf(place), cwd: place, stdio: 'ignore' });
}

function program(name: string): string {
  const bin = postgresBinaries();
  if (!bin) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return join(bin, name);
}

/** Whom the server runs as, and its directory belongs to. */
function accountOf(place: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const account = idsOf('postgres');
  chownSync(place, account.uid, account.gid);
  return account;
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
