import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GuestState } from '#contracts/guest.ts';
import { SimVirtDriver } from '#drivers/virt/sim/driver.ts';
import { SimHypervisor } from '#drivers/virt/sim/hypervisor.ts';

import type { VirtBed } from './bed.ts';

/** A bed for the simulated hypervisor. */
export async function simBed(): Promise<VirtBed> {
  const directory = mkdtempSync(join(tmpdir(), 'stratalith-virt-'));
  const hypervisor = new SimHypervisor({ name: 'host1', directory });
  const changes: GuestState[] = [];
  const open = () => {
    const driver = new SimVirtDriver(hypervisor);
    driver.onChange((guest) => changes.push(guest));
    return driver;
  };
  let driver = open();
  return {
    get driver() {
      return driver;
    },
    images: { ensure: () => Promise.reject(new Error('simulated guests have no disks')) },
    changes,
    plug: async (portId) => ({ portId, tap: null }),
    letGo: () => driver.close(),
    takeUp: () => {
      driver = open();
      return driver.adopt();
    },
    die: async (id) => hypervisor.changeByItself(id, 'crashed'),
    powerOffInside: async (id) => hypervisor.changeByItself(id, 'shutdown'),
    booted: async () => {},
    incarnation: async (id) => String(hypervisor.guest(id).console.split('Linux version').length),
    async close() {
      await driver.close();
      rmSync(directory, { recursive: true });
    },
  };
}
