import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf } from '#kit/errors/cloud-error.ts';
import type { Logger } from '#kit/log/log.ts';

/** What a guest may take of the host. */
export interface Share {
  readonly vcpus: number;
  /** Bytes beyond which it is stopped from growing. */
  readonly memoryBytes: number;
}

/** More threads than a guest needs for its processors, its disks and its screen. */
const threadsBeyondCpus = 512;

/** Files of a guest's share, and the values to write, by the controller they belong to. */
type Settings = (share: Share) => Readonly<Record<string, string>>;
const version2: Settings = ({ vcpus, memoryBytes }) => ({
  'cpu.weight': String(Math.min(10_000, 100 * vcpus)),
  'memory.max': String(memoryBytes),
  'pids.max': String(vcpus + threadsBeyondCpus),
});
const version1: Readonly<Record<string, Settings>> = {
  cpu: ({ vcpus }) => ({ 'cpu.shares': String(Math.min(262_144, 1024 * vcpus)) }),
  memory: ({ memoryBytes }) => ({ 'memory.limit_in_bytes': String(memoryBytes) }),
  pids: ({ vcpus }) => ({ 'pids.max': String(vcpus + threadsBeyondCpus) }),
};

/** A hierarchy guests are put into, and what is set there. */
interface Hierarchy {
  readonly base: string;
  readonly settings: Settings;
}

/** A control group for each guest, where this host lets us make them; elsewhere it does nothing. */
export class Cgroups {
  readonly #hierarchies: readonly Hierarchy[];
  readonly #log: Logger;

  private constructor(hierarchies: readonly Hierarchy[], log: Logger) {
    this.#hierarchies = hierarchies;
    this.#log = log;
  }

  /** Finds out what can be used; `owner` tells the groups of several clouds on one host apart. */
  static async open(owner: string, log: Logger, root = '/sys/fs/cgroup'): Promise<Cgroups> {
    const name = `stratalith-${createHash('sha256').update(owner).digest('hex').slice(0, 8)}`;
    try {
      const found = existsSync(join(root, 'cgroup.controllers'))
        ? [{ base: await delegated(root, name), settings: version2 }]
        : await Promise.all(
            Object.entries(version1)
              .filter(([controller]) => existsSync(join(root, controller)))
              .map(async ([controller, settings]) => {
                const base = join(root, controller, name);
                await mkdir(base, { recursive: true });
                return { base, settings };
              }),
          );
      if (found.length === 0) log.warn('there are no control groups here: guests are not limited');
      return new Cgroups(found, log);
    } catch (error) {
      log.warn(
        { err: error },
        `control groups cannot be made here, so guests are not limited: ${messageOf(error)}`,
      );
      return new Cgroups([], log);
    }
  }

  /** Puts a guest's process, with all its threads, under its share. A guest that cannot be limited runs all the same. */
  async put(id: string, pid: number, share: Share): Promise<void> {
    for (const { base, settings } of this.#hierarchies) {
      const group = join(base, id);
      try {
        await mkdir(group, { recursive: true });
        for (const [file, value] of Object.entries(settings(share)))
          await writeFile(join(group, file), value);
        await writeFile(join(group, 'cgroup.procs'), String(pid));
      } catch (error) {
        this.#log.warn({ err: error, guest: id }, `guest is not limited: ${messageOf(error)}`);
      }
    }
  }

  /** Removes the groups of a guest whose process is gone. Tolerates absence. */
  async remove(id: string): Promise<void> {
    for (const { base } of this.#hierarchies)
      await rmdir(join(base, id)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT')
          this.#log.warn({ err: error, guest: id }, 'a control group is left behind');
      });
  }

  /** Ids of the guests that have groups. */
  async ids(): Promise<string[]> {
    const names = await Promise.all(
      this.#hierarchies.map(({ base }) => readdir(base, { withFileTypes: true })),
    );
    return [...new Set(names.flat().flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])))];
  }
}

/** A group below the root of cgroups v2 whose children have the controllers we set. */
async function delegated(root: string, name: string): Promise<string> {
  const controllers = '+cpu +memory +pids';
  const base = join(root, name);
  await writeFile(join(root, 'cgroup.subtree_control'), controllers);
  await mkdir(base, { recursive: true });
  await writeFile(join(base, 'cgroup.subtree_control'), controllers);
  return base;
}
