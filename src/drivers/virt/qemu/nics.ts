import type { GuestInterface } from '#contracts/guest.ts';
import { conflict } from '#kit/errors/cloud-error.ts';

import type { Plug } from '../driver.ts';
import type { Manifest, Nic } from './manifest.ts';
import { deviceText } from './property-list.ts';

/** Whether a machine type is the old board (i440fx), whose PCI slots take a card while it runs. */
export const isOldPc = (machine: string): boolean => machine === 'pc' || machine.startsWith('pc-i440fx');

const firstSlotAddress = 0x18;
const oldPcSlots = 7;
const q35Slots = 16;

/** How many interfaces a guest may have: slots that take one while it runs are made when it starts. */
export const nicSlots = (machine: string): number => (isOldPc(machine) ? oldPcSlots : q35Slots);

/** The root ports behind which the newer board takes cards while it runs; eight share an address. */
export function slotPorts(machine: string): string[] {
  if (isOldPc(machine)) return [];
  return Array.from({ length: q35Slots }, (_, slot) =>
    deviceText('pcie-root-port', {
      id: `slot${slot}`,
      bus: 'pcie.0',
      chassis: slot + 1,
      addr: `0x${(firstSlotAddress + (slot >> 3)).toString(16)}.${slot & 7}`,
      multifunction: true,
    }),
  );
}

/** Id of the guest's end of a port's interface; the device is found and unplugged by it. */
export const nicId = (portId: string): string => `nic-${portId}`;
/** Id of the host's end, which can be removed once the guest's end is gone. */
export const netdevId = (portId: string): string => `net-${portId}`;

const models = { virtio: 'virtio-net-pci', e1000: 'e1000', e1000e: 'e1000e', rtl8139: 'rtl8139' } as const;

/**
 * The host's end of an interface. Without headers on its packets: with them the kernel leaves checksums to be done, which
 * Open vSwitch's user space does not do.
 */
export const netdevOf = (nic: Nic, tap: string) =>
  ({
    type: 'tap',
    id: netdevId(nic.portId),
    ifname: tap,
    script: 'no',
    downscript: 'no',
    vnet_hdr: false,
  }) as const;

/** The same for a command line. */
export function netdevText(nic: Nic, tap: string): string {
  const { type, ...options } = netdevOf(nic, tap);
  return deviceText(type, options);
}

/** The guest's end of an interface: driver and properties. */
export function nicDevice(
  nic: Nic,
  machine: string,
): [driver: string, properties: { id: string; [property: string]: string | number | boolean }] {
  const properties: { id: string; [property: string]: string | number | boolean } = {
    id: nicId(nic.portId),
    mac: nic.mac,
    // no network boot: the firmware would spend seconds on it
    romfile: '',
  };
  if (nic.tap !== null) properties.netdev = netdevId(nic.portId);
  if (nic.model === 'virtio') properties.host_mtu = nic.mtu;
  if (isOldPc(machine)) properties.addr = `0x${(firstSlotAddress + nic.slot).toString(16)}`;
  properties.bus = isOldPc(machine) ? 'pci.0' : `slot${nic.slot}`;
  return [models[nic.model], properties];
}

/**
 * The interfaces of a spec in slots: those that were there stay where they were, new ones take free slots. Throws
 * `conflict` when there are more than slots.
 */
export function placeNics(
  interfaces: readonly GuestInterface[],
  before: readonly Nic[],
  plugs: readonly Plug[],
  model: Nic['model'],
  machine: string,
): Nic[] {
  const placed = new Map(
    before
      .filter((nic) => interfaces.some(({ portId }) => portId === nic.portId))
      .map((nic) => [nic.portId, nic.slot]),
  );
  const known = new Map(before.map((nic) => [nic.portId, nic]));
  for (const { portId } of interfaces) {
    if (!placed.has(portId)) placed.set(portId, freeSlot(new Set(placed.values()), machine));
  }
  return interfaces.map((nic) => ({
    ...nic,
    slot: placed.get(nic.portId)!,
    model: known.get(nic.portId)?.model ?? model,
    tap: plugs.find(({ portId }) => portId === nic.portId)?.tap ?? null,
  }));
}

function freeSlot(taken: ReadonlySet<number>, machine: string): number {
  for (let slot = 0; slot < nicSlots(machine); slot++) if (!taken.has(slot)) return slot;
  throw conflict(`Failed to attach network adapter device: the guest has no free slot.`);
}

/** The ports a guest is wired to. */
export const portsOf = (manifest: Manifest): string[] => manifest.nics.map(({ portId }) => portId);
