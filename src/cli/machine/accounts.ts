import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A system account. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Control and everything that listens runs as the first, guests as the second. */
export const accountNames = { control: 'stratalith', guests: 'stratalith-guest' } as const;

/** The account of this name; undefined when there is none. */
export function findAccount(name: string): Account | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return line ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/** Makes the accounts that are missing; needs root. Answers the names of those it made. */
export function ensureAccounts(): string[] {
  const missing = Object.values(accountNames).filter((name) => !findAccount(name));
  for (const name of missing)
    execFileSync(
      '/usr/sbin/useradd',
      [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        name,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  return missing;
}
