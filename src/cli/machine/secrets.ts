import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchownSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';

import type { Account } from './accounts.ts';

// Some of these files lie in directories of the services' account, and root writes and reads them: what that account may put
// there, a link to somebody else's file for example, must not lead root astray.

/** A generated password in a file of mode 0600; made once. Throws for a link, which is not followed. */
export function ensurePassword(file: string, account: Account | null): string {
  if (!lstatSync(file, { throwIfNoEntry: false }))
    writePrivately(file, `${randomBytes(15).toString('base64url')}\n`, account);
  return readPassword(file);
}

/** The password in a file. Throws when there is none, and for a link. */
export function readPassword(file: string): string {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return readFileSync(opened, 'utf8').trim();
  } finally {
    closeSync(opened);
  }
}

/** Writes a file that only `account` (or whoever runs this) may read, in place of what is there. */
export function writePrivately(file: string, text: string, account: Account | null): void {
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  // made by us, or not at all
  const opened = openSync(fresh, 'wx', 0o600);
  try {
    writeFileSync(opened, text);
    if (account) fchownSync(opened, account.uid, account.gid);
  } finally {
    closeSync(opened);
  }
  renameSync(fresh, file);
}
