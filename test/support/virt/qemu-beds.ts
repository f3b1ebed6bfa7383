import { afterEach } from 'vitest';

import type { GuestSpec, PowerState } from '#contracts/guest.ts';
import type { Plug } from '#drivers/virt/driver.ts';

import { tinySpec } from './bed.ts';
import { type QemuBed, qemuBed, type QemuBedOptions } from './qemu-bed.ts';

/** What is waited for comes soon; on a machine that is busy, later. */
export const patience = { timeout: 120_000 };

/** Beds for real guests in the tests of one file, each gone after its test, and what is done in most of them. */
export function qemuBeds() {
  const beds: QemuBed[] = [];
  const undo: (() => void)[] = [];
  afterEach(async () => {
    for (const bed of beds.splice(0)) await bed.close();
    for (const step of undo.splice(0)) step();
  });

  const plugsOf = (bed: QemuBed, spec: GuestSpec): Promise<Plug[]> =>
    Promise.all(spec.interfaces.map(({ portId }) => bed.plug(portId)));
  return {
    /** A new bed; `then` takes away what it lay on. */
    async open(options?: QemuBedOptions, then?: () => void): Promise<QemuBed> {
      if (then) undo.push(then);
      const bed = await qemuBed(options);
      beds.push(bed);
      await bed.driver.adopt();
      return bed;
    },
    plugsOf,
    /** Starts a tiny guest. */
    async create(bed: QemuBed, change: Partial<GuestSpec> = {}): Promise<GuestSpec> {
      const spec = tinySpec(change);
      await bed.driver.create(spec, bed.images, await plugsOf(bed, spec));
      return spec;
    },
    power: async (bed: QemuBed, { id }: GuestSpec): Promise<PowerState | undefined> =>
      (await bed.driver.list()).find((guest) => guest.id === id)?.power,
  };
}
