import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Layout } from '#contracts/machine.ts';

import { programRoot } from './version.ts';

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A command line, and whom it must be started as. */
interface Command {
  readonly argv: readonly string[];
  readonly account?: Account | undefined;
}

/**
 * How an account runs our program. A program in a home directory that others may not enter, root's for one, is shown to
 * it at a place of its own in the data directory: a mount that no other process sees.
 */
export function withinReach(argv: readonly string[], account: Account | null, layout: Layout): Command {
  if (!account) return { argv };
  if (canRead(account, join(programRoot, 'package.json'))) return { argv, account };
  const place = join(layout.run, 'program');
  mkdirSync(place, { recursive: true });
  const moved = argv.map((word) =>
    word.startsWith(programRoot) ? place + word.slice(programRoot.length) : word,
  );
  const mount = ['/bin/sh', '-c', 'mount --bind "$1" "$2" && shift 2 && exec "$@"', 'sh', programRoot, place];
  const become = [
    '/usr/bin/setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--',
  ];
  return { argv: ['/usr/bin/unshare', '--mount', ...mount, ...become, ...moved] };
}

const canRead = (account: Account, file: string): boolean =>
  spawnSync('/usr/bin/test', ['-r', file], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;
