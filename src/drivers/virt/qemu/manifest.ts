import { readFile } from 'node:fs/promises';

import type { GuestHardware, GuestInterface, GuestSpec } from '#contracts/guest.ts';
import { replaceFile } from '#kit/files/durable.ts';

/** A network interface in the slot it keeps as long as it is attached, so that the guest finds it where it was. */
export interface Nic extends GuestInterface {
  readonly slot: number;
  readonly model: GuestHardware['vifModel'];
  /** Null where networks are simulated. */
  readonly tap: string | null;
}

/**
 * What a guest is made of right now: the one file whose replacement makes a change real. Disks and saved states it does not
 * name are leftovers, whatever else lies in the guest's directory.
 */
export interface Manifest {
  readonly spec: Omit<GuestSpec, 'configDrive'>;
  /** The versioned machine type, fixed when the guest is made: a later QEMU still shows it the same hardware. */
  readonly machine: string;
  /** Directory of the guest's own disks. */
  readonly disks: string;
  /** Directory of the disks before an unconfirmed resize. */
  readonly kept: string | null;
  /** Directory of the disks it is rescued with. */
  readonly rescue: string | null;
  /** File of the state it was suspended in. */
  readonly saved: string | null;
  readonly nics: readonly Nic[];
  /** The boot of the host in which it was started and not ended on purpose since. */
  readonly startedIn: string | null;
}

/** Reads a manifest; undefined when there is none, as in the middle of a guest's creation or removal. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts a manifest in the place of the last one: whole, durable, and readable by root only. */
export const writeManifest = (path: string, manifest: Manifest): Promise<void> =>
  replaceFile(path, JSON.stringify(manifest), { mode: 0o600 });
