import type { GuestSpec, GuestState } from '#contracts/guest.ts';
import type { ImageFiles, Plug, VirtDriver } from '#drivers/virt/driver.ts';
import { newUuid } from '#kit/ids/ids.ts';

/** A host to try a hypervisor driver on, with what only the test can do to its guests. */
export interface VirtBed {
  /** The driver as it is now; {@link restart} replaces it. */
  readonly driver: VirtDriver;
  readonly images: ImageFiles;
  /** Guests that changed by themselves, as the drivers told. */
  readonly changes: GuestState[];
  /** Makes an interface for a port. */
  plug(portId: string): Promise<Plug>;
  /** Lets go of the guests, as a killed agent does. */
  letGo(): Promise<void>;
  /** Starts a new driver on the same host, which adopts what it finds. */
  takeUp(): Promise<GuestState[]>;
  /** Kills a guest as the kernel might. */
  die(id: string): Promise<void>;
  /** Shuts a guest down from inside. It has booted. */
  powerOffInside(id: string): Promise<void>;
  /** Waits until the guest has booted this many times in its life. */
  booted(id: string, times?: number): Promise<void>;
  /** Changes whenever a guest is started anew. */
  incarnation(id: string): Promise<string>;
  close(): Promise<void>;
}

/** A small guest of the tiny image. */
export function tinySpec(change: Partial<GuestSpec> = {}): GuestSpec {
  return {
    id: newUuid(),
    name: 'instance-0000002a',
    projectId: 'p',
    vcpus: 1,
    memoryMb: 128,
    rootGb: 1,
    ephemeralGb: [],
    swapMb: 0,
    image: { id: newUuid(), format: 'qcow2', size: 1, hash: null },
    interfaces: [],
    configDrive: null,
    hardware: {
      diskBus: 'virtio',
      cdromBus: 'ide',
      vifModel: 'virtio',
      machine: null,
      videoModel: 'virtio',
      rng: true,
    },
    ...change,
  };
}

/** An interface for a guest. */
export const newNic = () => ({
  portId: newUuid(),
  networkId: newUuid(),
  mac: `fa:16:3e:${[1, 2, 3]
    .map(() =>
      Math.floor(Math.random() * 256)
        .toString(16)
        .padStart(2, '0'),
    )
    .join(':')}`,
  mtu: 1442,
});
