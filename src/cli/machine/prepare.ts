import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Layout } from '#contracts/machine.ts';

import { step } from '../output.ts';
import type { ProgramParts } from '../program.ts';
import { ensureAccounts } from './accounts.ts';
import { imagePackages, installPackages, runtimePackages } from './packages.ts';
import { runQuietly } from './run.ts';

/** Absolute path of the tiny guest image once it is built. */
export const tinyImage = (layout: Layout): string => join(layout.images, 'tiny.qcow2');

/** Makes ready what a cloud with real guests needs on this machine and does not have yet; needs root. */
export async function prepareMachine(layout: Layout, parts: ProgramParts, yes: boolean): Promise<void> {
  const image = tinyImage(layout);
  const build = !existsSync(image);
  await installPackages({ ...runtimePackages, ...(build && imagePackages(parts.root)) }, yes);
  const accounts = ensureAccounts();
  if (accounts.length > 0) await step('make system accounts', async () => accounts.join(', '));
  if (build) await step('build the tiny guest image', () => buildImage(layout, parts));
}

async function buildImage(layout: Layout, parts: ProgramParts): Promise<string> {
  mkdirSync(layout.images, { recursive: true, mode: 0o755 });
  await runQuietly(join(parts.root, 'images', 'build-tiny.sh'), [layout.images]);
  return `${(statSync(tinyImage(layout)).size / 1e6).toFixed(1)} MB`;
}
