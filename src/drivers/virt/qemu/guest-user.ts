import { readFileSync } from 'node:fs';

/** The unprivileged account guests, and every program that reads what guests wrote, run as. */
export interface GuestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The account's name unless an option says otherwise. */
export const defaultGuestUser = 'stratalith-guest';

/** Looks an account up; undefined when this machine has none of that name. Throws when it is root's. */
export function findGuestUser(name: string = defaultGuestUser): GuestUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (!line) return undefined;
  const [, , uid, gid] = line.split(':').map(Number);
  if (!uid || !gid) throw new Error(`guests must not run as ${name}: it is a privileged account`);
  return { name, uid, gid };
}
