import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Layout } from '#contracts/machine.ts';

import { UserError } from '../output.ts';
import type { Account } from './accounts.ts';

/** Which guests a cloud has: real ones, or simulated. */
export type Kind = 'real' | 'sim';

/** Makes the data directory and those in it. Control's belongs to `account`, the others to whoever runs this. */
export function makeDirectories(layout: Layout, account: Account | null): void {
  // others may look for their way through, not into the parts
  for (const directory of [layout.data, layout.run]) mkdirSync(directory, { recursive: true, mode: 0o755 });
  mkdirSync(layout.log, { recursive: true, mode: 0o750 });
  for (const directory of [layout.agent, layout.ovn]) mkdirSync(directory, { recursive: true, mode: 0o711 });
  mkdirSync(layout.control, { recursive: true, mode: 0o700 });
  chmodSync(layout.control, 0o700);
  const { control } = layout;
  const inControl = [control, ...readdirSync(control).map((name) => join(control, name))];
  if (account && inControl.some((path) => lstatSync(path).uid !== account.uid)) giveAway(control, account);
}

/** Hands a directory over, with everything in it: the account was not there yet when an earlier cloud was started. */
function giveAway(directory: string, { uid, gid }: Account): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(directory, name), uid, gid);
  chownSync(directory, uid, gid);
}

/** Which kind of cloud the directory holds; undefined when none was ever started in it. */
export const kindOf = (layout: Layout): Kind | undefined =>
  existsSync(layout.kind) ? (readFileSync(layout.kind, 'utf8').trim() as Kind) : undefined;

/** A directory belongs to one kind of cloud: its database knows hosts and ports of that kind only. */
export function claimKind(layout: Layout, kind: Kind): void {
  const was = kindOf(layout);
  if (was === undefined) writeFileSync(layout.kind, `${kind}\n`);
  else if (was !== kind)
    throw new UserError(
      `${layout.data} belongs to a cloud whose guests are ${was === 'sim' ? 'simulated' : 'real'}`,
      `${was === 'sim' ? 'add --sim' : 'leave out --sim'}, use another directory with --data, or begin anew: stratalith reset`,
    );
}

/** A generated password in a file of mode 0600; made once. */
export function ensurePassword(file: string, account: Account | null): string {
  if (!existsSync(file)) writePrivately(file, `${randomBytes(15).toString('base64url')}\n`, account);
  return readFileSync(file, 'utf8').trim();
}

/** Writes a file that only `account` (or whoever runs this) may read. */
export function writePrivately(file: string, text: string, account: Account | null): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  if (account) chownSync(`${file}.new`, account.uid, account.gid);
  renameSync(`${file}.new`, file);
}
