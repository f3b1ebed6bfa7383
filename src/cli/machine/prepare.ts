import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { tryLock } from '#kit/process/lock.ts';

import { until } from '../cloud/client.ts';
import { step, UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';
import { ensureAccounts } from './accounts.ts';
import { guestArch, imagePackages, installPackages, runtimePackages } from './packages.ts';
import { runQuietly } from './run.ts';

/** What is built here and serves every cloud of this machine. */
const cache = '/var/cache/stratalith';
const otherBuildMs = 300_000;
const keptMs = 30 * 86_400_000;

/**
 * Absolute path of the tiny guest image once it is built. One serves every data directory of this machine, for as long as
 * what it is built from stays the same.
 */
export function tinyImage(root: string): string {
  const sources = join(root, 'images');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
    (name) => statSync(join(sources, name)).isFile() && !name.endsWith('.md'),
  );
  const hash = createHash('sha256');
  for (const name of files.sort()) hash.update(`${name}\0`).update(readFileSync(join(sources, name)));
  return join(cache, `tiny-${hash.digest('hex').slice(0, 12)}`, 'tiny.qcow2');
}

/** Makes ready what a cloud with real guests needs on this machine and does not have yet; needs root. */
export async function prepareMachine(parts: ProgramParts, yes: boolean): Promise<void> {
  if (process.arch !== guestArch)
    throw new UserError(
      `guests run on ${guestArch} machines only, and this one is ${process.arch}`,
      'a cloud of simulated guests runs anywhere: stratalith up --sim',
    );
  const image = tinyImage(parts.root);
  const build = !existsSync(image);
  await installPackages({ ...runtimePackages, ...(build && imagePackages(parts.root)) }, yes);
  const accounts = ensureAccounts();
  if (accounts.length > 0) await step('make system accounts', async () => accounts.join(', '));
  if (build) await step('build the tiny guest image', () => buildImage(image, parts.root));
}

/** Builds the image, unless another command does so meanwhile. */
async function buildImage(image: string, root: string): Promise<string> {
  mkdirSync(cache, { recursive: true, mode: 0o755 });
  const lock = await until(otherBuildMs, () => tryLock(join(cache, 'build.lock')));
  if (!lock) throw new UserError(`another command has been building in ${cache} for too long`);
  try {
    if (!existsSync(image)) await buildAlone(image, root);
  } finally {
    lock.release();
  }
  return `${image}, ${(statSync(image).size / 1e6).toFixed(1)} MB`;
}

/** Builds the image; the packages fetched for it are kept, so that it can be built anew without a way out. */
async function buildAlone(image: string, root: string): Promise<void> {
  const build = join(cache, 'build');
  mkdirSync(build, { recursive: true, mode: 0o755 });
  await runQuietly(join(root, 'images', 'build-tiny.sh'), [build]);
  // other versions of the program may still want theirs
  for (const other of readdirSync(cache).filter((name) => name.startsWith('tiny-')))
    if (Date.now() - statSync(join(cache, other)).mtimeMs > keptMs)
      rmSync(join(cache, other), { recursive: true });
  mkdirSync(dirname(image), { mode: 0o755 });
  renameSync(join(build, basename(image)), image);
}
