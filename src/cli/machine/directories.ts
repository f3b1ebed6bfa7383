import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import type { Layout } from '#contracts/machine.ts';

import { UserError } from '../output.ts';
import { type Account, accountNames } from './accounts.ts';

/** Which guests a cloud has: real ones, or simulated. */
export type Kind = 'real' | 'sim';

/** Makes the data directory and those in it. Control's belongs to `account`, the others to whoever runs this. */
export function makeDirectories(layout: Layout, account: Account | null): void {
  // others may look for their way through, not into the parts
  for (const directory of [layout.data, layout.run]) makeDirectory(directory, 0o755);
  makeDirectory(layout.log, 0o750);
  for (const directory of [layout.agent, layout.ovn]) makeDirectory(directory, 0o711);
  makeDirectory(layout.control, 0o700);
  const { control } = layout;
  const inControl = [control, ...readdirSync(control).map((name) => join(control, name))];
  if (account && inControl.some((path) => lstatSync(path).uid !== account.uid)) giveAway(control, account);
  if (account && !reaches(account, control))
    throw new UserError(
      `account ${accountNames.control}, which the services run as, cannot reach ${layout.data}`,
      'choose a directory that others may pass through to, or let them: chmod o+x on its parents',
    );
}

function makeDirectory(directory: string, mode: number): void {
  mkdirSync(dirname(directory), { recursive: true });
  // not with its parents: where nothing can be made, as in /proc, Node would try for ever
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) mkdirSync(directory);
  chmodSync(directory, mode);
}

const reaches = (account: Account, directory: string): boolean =>
  spawnSync('/usr/bin/test', ['-x', directory], { ...account, cwd: '/', stdio: 'ignore' }).status === 0;

/**
 * Hands a directory over, with everything in it: the account was not there yet when an earlier cloud was started. Step by step,
 * since Node's own recursion goes through links, which may lead anywhere.
 */
function giveAway(path: string, { uid, gid }: Account): void {
  if (lstatSync(path).isDirectory())
    for (const name of readdirSync(path)) giveAway(join(path, name), { uid, gid });
  lchownSync(path, uid, gid);
}

/** Which kind of cloud the directory holds; undefined when none was ever started in it. */
export const kindOf = (layout: Layout): Kind | undefined =>
  existsSync(layout.kind) ? (readFileSync(layout.kind, 'utf8').trim() as Kind) : undefined;

/** A directory belongs to one kind of cloud: its database knows hosts and ports of that kind only. */
export function checkKind(layout: Layout, kind: Kind): void {
  const was = kindOf(layout);
  if (was !== undefined && was !== kind)
    throw new UserError(
      `${layout.data} belongs to a cloud whose guests are ${was === 'sim' ? 'simulated' : 'real'}`,
      `${was === 'sim' ? 'add --sim' : 'leave out --sim'}, use another directory with --data, or begin anew: stratalith reset`,
    );
}

/** Notes the kind of a directory that has none yet: what is there is not put at risk on a disk that may be full. */
export function writeKind(layout: Layout, kind: Kind): void {
  if (kindOf(layout) !== undefined) return;
  writeFileSync(`${layout.kind}.new`, `${kind}\n`);
  renameSync(`${layout.kind}.new`, layout.kind);
}

/** What a cloud writes before it does anything for anybody. */
const roomToStart = 16 << 20;

/** Throws when the disk of the data directory is so full that a cloud would not come up. */
export function requireRoom({ data }: Layout): void {
  let there = data;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  if (bavail * bsize < roomToStart)
    throw new UserError(
      `the disk of ${data} is full: ${Math.floor((bavail * bsize) / 2 ** 20)} MiB are free, ${roomToStart >> 20} are needed to start`,
      'make room, or use a directory elsewhere with --data',
    );
}
