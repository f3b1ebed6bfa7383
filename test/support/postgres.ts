import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PostgreSQL server of the tests' own, on a unix socket in a temporary directory. */
export interface PostgresServer {
  /** A connection URL for a new, empty database. */
  newDatabase(): string;
  stop(): void;
}

/** Where Debian puts the server's programs, newest version first; undefined when it is not installed. */
export function postgresBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((v) => join(root, v, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/** Starts a server as user `postgres` (it refuses to run as root). Throws when the package is missing. */
export function startPostgres(): PostgresServer {
  const bin = postgresBinaries();
  if (!bin) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-pg-'));
  const account: { uid?: number; gid?: number } = process.getuid?.() === 0 ? idsOf('postgres') : {};
  if (account.uid !== undefined && account.gid !== undefined) chownSync(directory, account.uid, account.gid);
  const run = (program: string, args: string[]) =>
    execFileSync(join(bin, program), args, { ...account, cwd: directory, stdio: 'pipe' });
  const data = join(directory, 'data');
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    `listen_addresses=''\nunix_socket_directories='${directory}'\nfsync=off\n`,
  );
  const started = spawnSync(join(bin, 'pg_ctl'), ['-D', data, '-w', '-l', join(directory, 'log'), 'start'], {
    ...account,
    cwd: directory,
    stdio: 'ignore',
  });
  if (started.status !== 0) throw new Error(`PostgreSQL did not start: see ${directory}/log`);
  let count = 0;
  return {
    newDatabase() {
      const name = `test${++count}`;
      run('createdb', ['-h', directory, '-U', 'postgres', name]);
      return `postgresql://postgres@localhost/${name}?host=${directory}`;
    },
    stop() {
      run('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop']);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
