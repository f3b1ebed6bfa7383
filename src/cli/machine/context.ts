import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

import { type Layout, layoutOf, type MachineConfig, type Ready, type Settings } from '#contracts/machine.ts';
import { type FileLock, lockHolder, tryLock } from '#kit/process/lock.ts';
import { commandOf, type ProcessId } from '#kit/process/proc.ts';

import { UserError } from '../output.ts';
import type { ProgramParts } from '../parts.ts';

/** Options every command takes. */
export interface GlobalOptions {
  readonly data?: string;
  readonly config?: string;
  readonly arguments: readonly string[];
}

/** Whether this process may do everything. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** The data directory asked for, or the default one. */
export function dataDirectory(options: GlobalOptions): Layout {
  const standard = isRoot() ? '/var/lib/stratalith' : join(homedir(), '.local', 'share', 'stratalith');
  const data = resolve(options.data ?? standard);
  requireShortPath(data, 'sim');
  return layoutOf(data);
}

/** Bytes the path of a data directory may have. Unix sockets' hold 107, and those of real guests lie 63 below. */
const longestPath = { real: 44, sim: 55 } as const;

/** Throws when the sockets in a data directory would have longer paths than the kernel takes. */
export function requireShortPath(data: string, kind: 'real' | 'sim'): void {
  if (Buffer.byteLength(data) > longestPath[kind])
    throw new UserError(
      `the path of the data directory is too long for the unix sockets in it: ${data}`,
      `use one of at most ${longestPath[kind]} bytes`,
    );
}

/** Reads the configuration file asked for, or the default one when it is there. */
export async function readConfig(
  options: GlobalOptions,
  layout: Layout,
  parts: ProgramParts,
): Promise<MachineConfig> {
  const places = [join(layout.data, 'stratalith.toml'), '/etc/stratalith/stratalith.toml'];
  const file = options.config ?? places.find((place) => existsSync(place));
  if (options.config && !existsSync(options.config))
    throw new UserError(`there is no configuration file ${options.config}`);
  try {
    return await parts.parseConfig(file ? readFileSync(file, 'utf8') : '');
  } catch (error) {
    throw new UserError(
      `${file} cannot be used:`,
      ...(error as Error).message.split('\n'),
      `every option is described in ${join(parts.root, 'docs', 'guides', 'configuration.md')}`,
    );
  }
}

/** The supervisor that looks after this data directory now. */
export const supervisorOf = (layout: Layout): ProcessId | undefined => lockHolder(layout.supervisorLock);

/** Keeps commands that start or stop something apart. Throws when another one is at work. */
export function lockCommands(layout: Layout): FileLock {
  const lock = tryLock(layout.commandLock);
  if (lock) return lock;
  const holder = lockHolder(layout.commandLock);
  throw new UserError(
    `another command is at work on ${layout.data}${holder ? ` (pid ${holder.pid}: ${commandOf(holder.pid)})` : ''}`,
  );
}

/** How the cloud in this directory was started last; undefined when it never was. */
export const readSettings = (layout: Layout): Settings<MachineConfig> | undefined =>
  readJson(layout.settings);

/** What control said when it came up; undefined while it is not up. */
export const readReady = (layout: Layout): Ready | undefined => readJson(layout.ready);

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
