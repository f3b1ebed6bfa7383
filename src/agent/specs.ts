import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { GuestSpec } from '#contracts/guest.ts';
import { badRequest } from '#kit/errors/cloud-error.ts';
import { needingRoom } from '#kit/files/disk-full.ts';
import { replaceFile } from '#kit/files/durable.ts';
import { isUuidLike } from '#kit/ids/ids.ts';

/** What the agent remembers of a guest; the config drive is left out, since it holds the user's secrets. */
export type KnownSpec = Omit<GuestSpec, 'configDrive'>;

/**
 * The specs of this host's guests, a file each: what the agent needs to wire guests again after a restart of its own.
 * A spec is written before anything is made from it, so whatever exists on the host has one.
 */
export class Specs {
  readonly #directory: string;
  readonly #byId = new Map<string, KnownSpec>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Reads what an earlier agent wrote into `directory`, which is made when it is not there. */
  static async open(directory: string): Promise<Specs> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const specs = new Specs(directory);
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      if (name.endsWith('.tmp')) await rm(path, { force: true });
      if (!name.endsWith('.json')) continue;
      const spec = JSON.parse(await readFile(path, 'utf8')) as KnownSpec;
      specs.#byId.set(spec.id, spec);
    }
    return specs;
  }

  get(id: string): KnownSpec | undefined {
    return this.#byId.get(id);
  }

  all(): readonly KnownSpec[] {
    return [...this.#byId.values()];
  }

  /** Remembers a spec. Throws `badRequest` when the guest's id is not a UUID: it becomes a file's name. */
  async put(spec: GuestSpec | KnownSpec): Promise<void> {
    if (!isUuidLike(spec.id)) throw badRequest(`${JSON.stringify(spec.id)} is not a guest's id`);
    const { configDrive: _, ...known } = spec as GuestSpec;
    const text = JSON.stringify(known);
    if (text === JSON.stringify(this.#byId.get(spec.id))) return;
    await needingRoom(`guest ${spec.id}`, () => replaceFile(this.#path(spec.id), text, { mode: 0o600 }));
    this.#byId.set(spec.id, known);
  }

  /** Forgets a guest. Tolerates absence. */
  async remove(id: string): Promise<void> {
    if (this.#byId.delete(id)) await rm(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.json`);
  }
}
